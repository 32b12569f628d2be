import Foundation

/// Watches that a video's label and file name enter no request, and that no answer
/// has words that can only come from there.
public struct LabelGuard: Sendable {
  private let stems: [String]
  private let classNames: [String]
  private let mayNameClass: Bool

  /// - Parameters:
  ///   - videoID: the video's id, made of its file's name.
  ///   - videoPath: its file.
  ///   - classNames: its labels' names.
  ///   - mayNameClass: whether the label was let into the request on purpose.
  public init(
    videoID: String, videoPath: String, classNames: [String], mayNameClass: Bool = false
  ) {
    let url = URL(fileURLWithPath: videoPath)
    stems = [videoID, url.deletingPathExtension().lastPathComponent, url.lastPathComponent]
      .map { $0.lowercased() }
    self.classNames = classNames.map { $0.lowercased() }
    self.mayNameClass = mayNameClass
  }

  /// A word that says too much.
  public enum Leak: Sendable, Equatable {
    case fileName(String)
    case className(String)
  }

  /// The word of a request's text that names the video's file or class; nil where none
  /// does. A stem counts where it is no plain word: "video" and "frame 1" are what prompts
  /// say of every video.
  public func leak(inRequest text: String) -> Leak? {
    let lower = text.lowercased()
    let named = tellingStems.filter { !$0.contains(where: \.isWhitespace) }
    if let stem = named.first(where: { Self.hasWord($0, in: lower) }) { return .fileName(stem) }
    guard !mayNameClass else { return nil }
    return classNames.first { $0.count >= 3 && Self.hasWord($0, in: lower) }
      .map { .className($0) }
  }

  /// The stems that are no plain words.
  private var tellingStems: [String] {
    stems.filter { stem in
      stem.count >= 4 && stem.contains(where: \.isLetter)
        && stem.contains { $0.isNumber || $0 == "_" }
    }
  }

  /// The word of an answer that can come from nowhere but the file's name: the stem
  /// where it is no plain word, `x264`, or a class with a number glued to it.
  public func leak(inAnswer text: String) -> String? {
    let lower = text.lowercased()
    if let stem = tellingStems.first(where: { Self.hasWord($0, in: lower) }) { return stem }
    if Self.hasWord("x264", in: lower.replacingOccurrences(of: "_", with: " ")) { return "x264" }
    for name in classNames where name.count >= 3 {
      for range in lower.ranges(of: name) {
        let after = lower[range.upperBound...]
        let number = after.prefix { $0.isNumber }
        if number.count >= 2 { return name + number }
      }
    }
    return nil
  }

  /// Whether a description says its class's name, which a good one may well do.
  public static func names(_ className: String, in text: String) -> Bool {
    // "RoadAccidents" is written as two words.
    let spaced = className.reduce(into: "") { words, letter in
      if letter.isUppercase, words.last?.isLowercase == true { words.append(" ") }
      words.append(letter)
    }
    let lower = text.lowercased()
    return [className, spaced].contains { hasWord($0.lowercased(), in: lower) }
  }

  private static func hasWord(_ word: String, in text: String) -> Bool {
    text.ranges(of: word).contains { range in
      let before =
        range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
      let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
      return !before.isLetter && !before.isNumber && !after.isLetter && !after.isNumber
    }
  }
}
