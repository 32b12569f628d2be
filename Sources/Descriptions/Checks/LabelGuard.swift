import Foundation

/// Guards against leaks: a request must not contain the video's label or file name, and an
/// answer must not contain words that can only come from them.
public struct LabelGuard: Sendable {
  private let stems: [String]
  private let classNames: [String]
  private let mayNameClass: Bool

  /// - Parameters:
  ///   - videoID: the video's id, which is made from its file's name.
  ///   - videoPath: the video's file.
  ///   - classNames: the names of the video's labels.
  ///   - mayNameClass: whether the user allowed the label in the request.
  public init(
    videoID: String, videoPath: String, classNames: [String], mayNameClass: Bool = false
  ) {
    let url = URL(fileURLWithPath: videoPath)
    stems = [videoID, url.deletingPathExtension().lastPathComponent, url.lastPathComponent]
      .map { $0.lowercased() }
    self.classNames = classNames.map { $0.lowercased() }
    self.mayNameClass = mayNameClass
  }

  /// A word that a request must not contain.
  public enum Leak: Sendable, Equatable {
    case fileName(String)
    case className(String)
  }

  /// The word of a request's text that names the video's file or class; nil if none does. A
  /// file name counts unless it consists of plain words: "video" and "frame 1" are words that
  /// prompts use for every video.
  public func leak(inRequest text: String) -> Leak? {
    let lower = text.lowercased()
    let named = tellingStems.filter { !$0.contains(where: \.isWhitespace) }
    if let stem = named.first(where: { Self.hasWord($0, in: lower) }) { return .fileName(stem) }
    guard !mayNameClass else { return nil }
    return classNames.first { $0.count >= 3 && Self.hasWord($0, in: lower) }
      .map { .className($0) }
  }

  /// The file names that are not plain words.
  private var tellingStems: [String] {
    stems.filter { stem in
      stem.count >= 4 && stem.contains(where: \.isLetter)
        && stem.contains { $0.isNumber || $0 == "_" }
    }
  }

  /// The word of an answer that can only come from the file's name: the name itself unless it
  /// is a plain word, `x264`, or a class followed directly by a number.
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

  /// Whether a description contains the name of its class, as many good ones do.
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
