import Foundation
import Records

/// The sentences of a video with their times, as the ledger keeps them beside the text that is
/// made from them (`LedgerDescription.structured`).
public struct ImportedSentences: Codable, Sendable, Equatable {
  /// In the order of the text: by start, then as in the file.
  public let sentences: [TimedSentence]

  init(_ sentences: [TimedSentence]) {
    // Sorted by offset too, because Swift's sort is not documented as stable.
    self.sentences = sentences.enumerated().sorted {
      ($0.element.startSeconds ?? 0, $0.offset) < ($1.element.startSeconds ?? 0, $1.offset)
    }.map(\.element)
  }

  /// Reads the sentences as the ledger and its exports contain them; nil for other JSON.
  public init?(recorded text: String) {
    guard let found = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)),
      !found.sentences.isEmpty
    else { return nil }
    self = found
  }

  /// The sentences as JSON; nil for one sentence without times, which the text contains whole.
  func record() throws -> String? {
    guard
      sentences.count > 1
        || sentences.contains(where: { $0.startSeconds != nil || $0.endSeconds != nil })
    else { return nil }
    return String(decoding: try JSONRecord.encode(self, pretty: false), as: UTF8.self)
  }

  /// The description: a single sentence as it is; several in order, without exact repeats, each
  /// with a closing mark, joined by a space.
  var text: String {
    guard sentences.count > 1 else { return sentences.first?.text ?? "" }
    var seen: Set<String> = []
    return sentences.filter { seen.insert(Self.compared($0.text)).inserted }
      .map { Self.closed($0.text) }.joined(separator: " ")
  }

  /// The number of sentences that `text` leaves out as exact repeats.
  var repeats: Int {
    guard sentences.count > 1 else { return 0 }
    return sentences.count - Set(sentences.map { Self.compared($0.text) }).count
  }

  /// Two sentences are the same if they differ only in case, white space and their last mark.
  private static func compared(_ text: String) -> String {
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return String(words.trimmingSuffix { ".!?,;: ".contains($0) })
  }

  private static func closed(_ text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let kept = words.trimmingSuffix { ",;: ".contains($0) }
    // A mark may stand before a closing quotation mark or bracket.
    let last = kept.trimmingSuffix { "\"')]»”’」』）".contains($0) }.last
    return last.map { ".!?…。！？".contains($0) } == true ? String(kept) : kept + "."
  }
}

extension StringProtocol {
  /// The text without the characters at its end that satisfy `isDropped`.
  fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> SubSequence {
    var end = endIndex
    while end > startIndex, isDropped(self[index(before: end)]) { end = index(before: end) }
    return self[..<end]
  }
}
