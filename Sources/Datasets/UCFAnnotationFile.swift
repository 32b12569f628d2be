import Foundation
import Records

/// UCF-Crime's temporal annotation: one line a test video,
/// `name.mp4  Class  s1  e1  s2  e2`, separated by two spaces, -1 for none.
///
/// The official evaluator counts frames from 1 and includes both ends, so a pair
/// (s, e) is the half-open range [s - 1, e) of frames counted from 0. (VadCLIP's
/// ground truth reads the same numbers as [s, e), RTFM's and LAVAD's as [s, e + 1).)
public struct UCFAnnotationFile: Sendable, Equatable {
  /// One line.
  public struct Entry: Sendable, Equatable {
    /// The file's name as written, with its extension.
    public var fileName: String
    /// The class as written; normal videos say `Normal`.
    public var className: String
    /// Frames from 0, half-open.
    public var events: [Range<Int>]

    public init(fileName: String, className: String, events: [Range<Int>]) {
      self.fileName = fileName
      self.className = className
      self.events = events
    }
  }

  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  /// Reads the format; `file` is named in errors. Blank lines are skipped.
  ///
  /// - Throws: `DatasetError.badLine` for a line without class or with numbers
  ///   that are no frame ranges.
  public static func parse(_ text: String, file: String) throws -> UCFAnnotationFile {
    let expected = "'name.mp4  Class  s1  e1  s2  e2' with 1 <= s <= e, or -1 -1"
    var entries: [Entry] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let tokens = line.split(whereSeparator: \.isWhitespace)
      guard !tokens.isEmpty else { continue }
      func refuse() -> DatasetError {
        .badLine(
          file: file, line: index + 1, text: line.trimmingCharacters(in: .whitespaces),
          expected: expected)
      }
      let numbers = tokens.reversed().prefix { Int($0) != nil }.reversed().compactMap { Int($0) }
      let words = tokens.dropLast(numbers.count)
      guard words.count >= 2, let className = words.last, numbers.count >= 2, numbers.count % 2 == 0
      else { throw refuse() }
      var events: [Range<Int>] = []
      for pair in stride(from: 0, to: numbers.count, by: 2) {
        let (start, end) = (numbers[pair], numbers[pair + 1])
        if start == -1 && end == -1 { continue }
        guard start >= 1, end >= start else { throw refuse() }
        events.append(start - 1..<end)
      }
      entries.append(
        Entry(
          fileName: words.dropLast().joined(separator: " "), className: String(className),
          events: events.sorted { $0.lowerBound < $1.lowerBound }))
    }
    return UCFAnnotationFile(entries: entries)
  }

  /// The format's text: two pairs at least, as the official file has.
  public var text: String {
    entries.map { entry in
      var fields = [entry.fileName, entry.className]
      for event in entry.events { fields += ["\(event.lowerBound + 1)", "\(event.upperBound)"] }
      while fields.count < 6 { fields.append("-1") }
      return fields.joined(separator: "  ") + "  \n"
    }.joined()
  }
}
