import Foundation
import Records

extension StrictJSON {
  /// The kind of value, for messages.
  var kindInWords: String {
    switch self {
    case .object: "a JSON object"
    case .array(let items): "a JSON array of \(items.count)"
    case .string(let text): "the text '\(text.prefix(40))'"
    case .number(let number): "the number \(number)"
    case .bool(let flag): "\(flag)"
    case .null: "null"
    }
  }

  var isNull: Bool { if case .null = self { true } else { false } }

  var double: Double? { if case .number(let number) = self { number } else { nil } }

  /// A name: a text, or a whole number as text.
  var nameText: String? { text ?? integer.map(String.init) }

  /// The first key that occurs twice; nil if all differ.
  var repeatedKey: String? {
    var seen: Set<String> = []
    return pairs?.first { !seen.insert($0.key).inserted }?.key
  }
}

/// Checks of single values that every reader shares. `place` is where the value is.
enum ImportValues {
  /// A text with words, trimmed.
  static func words(_ value: StrictJSON?, of name: String, at place: String)
    throws(ImportProblem) -> String
  {
    guard let value, !value.isNull else {
      throw ImportProblem(place: place, found: "no \(name)", expected: "a text")
    }
    guard let text = value.text else {
      throw ImportProblem(
        place: place, found: "\(value.kindInWords) as \(name)", expected: "a text")
    }
    return try words(text, of: name, at: place)
  }

  /// The same of a text.
  static func words(_ text: String, of name: String, at place: String) throws(ImportProblem)
    -> String
  {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard trimmed.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw ImportProblem(
        place: place, found: trimmed.isEmpty ? "an empty \(name)" : "the \(name) '\(trimmed)'",
        expected: "words")
    }
    return trimmed
  }

  /// Checks the times of a sentence.
  static func sentence(
    _ text: String, from start: Double?, to end: Double?, at place: String
  ) throws(ImportProblem) -> TimedSentence {
    for seconds in [start, end].compactMap(\.self) where !seconds.isFinite || seconds < 0 {
      throw ImportProblem(
        place: place, found: "the time \(seconds)", expected: "seconds from the video's start")
    }
    if let start, let end, end < start {
      throw ImportProblem(
        place: place, found: "a sentence from \(start) s to \(end) s",
        expected: "an end that is not before the start")
    }
    return TimedSentence(text, from: start, to: end)
  }

  /// The times [[start, end], ...], or [start, end] of a single sentence.
  static func times(_ value: StrictJSON, at place: String) throws(ImportProblem) -> [(
    Double, Double
  )] {
    guard let items = value.items else {
      throw ImportProblem(
        place: place, found: "\(value.kindInWords) as times", expected: "a list of [start, end]")
    }
    if items.count == 2, let start = items[0].double, let end = items[1].double {
      return [(start, end)]
    }
    var times: [(Double, Double)] = []
    for item in items {
      guard let pair = item.items, pair.count == 2, let start = pair[0].double,
        let end = pair[1].double
      else {
        throw ImportProblem(
          place: place, found: "\(item.kindInWords) among the times",
          expected: "[start, end] in seconds")
      }
      times.append((start, end))
    }
    return times
  }

  /// Sentences with their times, one time for each.
  static func sentences(
    _ texts: [StrictJSON], times: [(Double, Double)], at place: String
  ) throws(ImportProblem) -> [TimedSentence] {
    guard texts.count == times.count else {
      throw ImportProblem(
        place: place, found: "\(times.count) times and \(texts.count) sentences",
        expected: "one time for each sentence")
    }
    guard !texts.isEmpty else {
      throw ImportProblem(place: place, found: "no sentence", expected: "at least one")
    }
    var sentences: [TimedSentence] = []
    for (number, (text, time)) in zip(texts, times).enumerated() {
      let place = "\(place), sentence \(number + 1)"
      sentences.append(
        try sentence(
          try words(text, of: "sentence", at: place), from: time.0, to: time.1, at: place))
    }
    return sentences
  }
}
