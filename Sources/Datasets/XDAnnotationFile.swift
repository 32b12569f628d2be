import Foundation

/// XD-Violence's `annotations.txt`: one line an abnormal test video,
/// `name s e s e ...`, read as half-open ranges [s, e) as VadCLIP does.
public enum XDAnnotationFile {
  /// Reads the format into events by file name without extension; a video that
  /// is there twice gets both lines' events. (14 official keys carry a stray `.mp4`.)
  ///
  /// - Throws: `DatasetError.badLine`.
  public static func parse(_ text: String, file: String) throws -> [String: [Range<Int>]] {
    var events: [String: [Range<Int>]] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let tokens = line.split(whereSeparator: \.isWhitespace)
      guard !tokens.isEmpty else { continue }
      var numbers = tokens.dropFirst().reversed().prefix { Int($0) != nil }.reversed()
        .compactMap { Int($0) }
      if numbers.count % 2 == 1 { numbers.removeFirst() }
      let ranges = stride(from: 0, to: numbers.count, by: 2).map {
        (numbers[$0], numbers[$0 + 1])
      }
      guard !ranges.isEmpty, ranges.allSatisfy({ $0.0 >= 0 && $0.0 <= $0.1 }) else {
        throw DatasetError.badLine(
          file: file, line: index + 1, text: line.trimmingCharacters(in: .whitespaces),
          expected: "'name s e s e ...' with 0 <= s <= e")
      }
      let name = tokens.dropLast(numbers.count).joined(separator: " ")
      events[stem(ofKey: name), default: []] += ranges.map { $0.0..<$0.1 }
    }
    return events.mapValues { $0.sorted { $0.lowerBound < $1.lowerBound } }
  }

  /// A line's key without the `.mp4` that some carry.
  static func stem(ofKey key: some StringProtocol) -> String {
    String(key.hasSuffix(".mp4") ? key.dropLast(4) : key[...])
  }
}
