import Foundation
import Records
import Workspaces

/// The checks that every answer goes through.
public struct AnswerChecks: Sendable {
  /// The words with which answers begin that decline to describe.
  public var refusals: [String]
  public var script: WritingScript
  /// Whether a request whose answer has a finding is sent again with other sampling.
  public var isStrict: Bool
  /// Whether an answer needs a sentence's worth of words: false for a question whose answer is
  /// one word, and for a model that writes noise.
  public var needsWords: Bool

  /// The number of times that a strict run asks again.
  static let variations = 2

  public init(
    refusals: [String] = [], script: WritingScript = .latin, isStrict: Bool = false,
    needsWords: Bool = true
  ) {
    self.refusals = refusals
    self.script = script
    self.isStrict = isStrict
    self.needsWords = needsWords
  }

  /// The refusals of `Prompts/refusals.txt`.
  ///
  /// - Throws: `RecordError.cannotRead`.
  public static func refusals(from resources: ResourceFolders) throws -> [String] {
    let file = resources.prompts.appendingPathComponent("refusals.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw RecordError.cannotRead(
        path: file.path, reason: "the file does not exist or cannot be read")
    }
    return text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  /// The findings in an answer's words, the worst first.
  func findings(_ answer: AnswerText, finishReason: String?, declined: Bool, leaks: LabelGuard)
    -> [AnswerFinding]
  {
    let text = answer.words
    let isCut = finishReason == "length"
    if declined || finishReason == "content_filter" || begins(text) { return [.refused] }
    if text.isEmpty {
      let reason: AnswerFinding =
        answer.thoughts != .none ? .onlyThoughts : answer.cut.isEmpty ? .empty : .noWords
      return [reason] + (isCut ? [.truncated] : [])
    }
    var found: [AnswerFinding] = []
    if TextRepetition.isRepeating(text) { found.append(.repeating) }
    if needsWords, !AnswerWords.areEnough(text) { found.append(.noWords) }
    if isCut { found.append(.truncated) }
    if answer.thoughts == .ended { found.append(.thoughts) }
    if answer.hadChatTokens { found.append(.chatTokens) }
    if !script.holds(text) { found.append(.wrongScript) }
    if leaks.leak(inAnswer: text) != nil { found.append(.namesFile) }
    return found
  }

  private func begins(_ text: String) -> Bool {
    let start = text.prefix(60).lowercased().replacingOccurrences(of: "\u{2019}", with: "'")
    return refusals.contains { start.hasPrefix($0.lowercased()) }
  }
}

extension AnswerFinding {
  /// Whether another answer to the same question may not have it.
  var mayPass: Bool {
    switch self {
    case .empty, .onlyThoughts, .noWords, .refused, .repeating, .notSchema, .truncated,
      .wrongScript, .namesFile:
      true
    case .imageTokens, .thoughts, .chatTokens, .nearDuplicate, .unlikeFrames: false
    }
  }
}

/// The script in which descriptions are expected.
public enum WritingScript: String, Codable, Sendable, CaseIterable {
  case any, latin, cyrillic, han, japanese, korean, arabic

  /// A text counts as written in a script if at most this share of its letters is foreign.
  static let foreignShare = 0.2

  /// Whether enough of the text's letters belong to the script; a text without letters
  /// belongs to every script.
  public func holds(_ text: String) -> Bool {
    guard self != .any else { return true }
    var letters = 0
    var foreign = 0
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      letters += 1
      if !ranges.contains(where: { $0.contains(scalar.value) }) { foreign += 1 }
    }
    return Double(foreign) <= Self.foreignShare * Double(letters)
  }

  /// The Unicode blocks with the script's letters.
  private var ranges: [ClosedRange<UInt32>] {
    let han: [ClosedRange<UInt32>] = [0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF]
    return switch self {
    case .any: [0...0x10FFFF]
    case .latin: [0x41...0x24F, 0x1E00...0x1EFF]
    case .cyrillic: [0x400...0x52F]
    case .han: han
    case .japanese: han + [0x3005...0x3007, 0x3040...0x30FF]
    case .korean: [0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF]
    case .arabic: [0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFF]
    }
  }
}

/// Detects answers of a model that repeats itself.
package enum TextRepetition {
  /// A run of white space of this length counts as a loop: models produce it in JSON.
  static let longestWhitespace = 64
  /// A text ends in a loop if one piece of at most this many characters fills at least its
  /// last `leastLoop` characters and occurs there `leastRounds` times or more.
  static let longestPiece = 120
  static let leastLoop = 60
  static let leastRounds = 4

  /// Whether a text ends in a loop; it can be asked while the text still grows.
  package static func endsInLoop(_ text: String) -> Bool {
    let characters = Array(text.utf8.suffix(longestPiece * leastRounds))
    if characters.suffix(longestWhitespace).count == longestWhitespace,
      characters.suffix(longestWhitespace).allSatisfy({ [9, 10, 13, 32].contains($0) })
    {
      return true
    }
    guard characters.count >= leastLoop else { return false }
    for period in 1...longestPiece {
      let span = max(leastLoop, period * leastRounds)
      guard span <= characters.count else { break }
      let tail = characters.suffix(span)
      if zip(tail, tail.dropFirst(period)).allSatisfy({ $0 == $1 }) { return true }
    }
    return false
  }

  /// The share of a text's runs of four words that occurred earlier in it, 0 to 1.
  package static func repeatedShare(_ text: String) -> Double {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard words.count >= 12 else { return 0 }
    var seen: Set<ArraySlice<Substring>> = []
    var repeated = 0
    for start in 0...(words.count - 4) where !seen.insert(words[start..<(start + 4)]).inserted {
      repeated += 1
    }
    return Double(repeated) / Double(words.count - 3)
  }

  /// The finding in words, with the end of the text.
  static func finding(in text: String) -> String {
    "the answer repeats itself: '\(text.suffix(80))'"
  }

  /// Whether a whole text repeats itself: it ends in a loop, or half of it is repetition.
  package static func isRepeating(_ text: String) -> Bool {
    endsInLoop(text) || repeatedShare(text) >= 0.5
  }
}
