import Foundation

/// XD-Violence's `annotations_multiclasses.txt`: the events of test videos with their
/// classes, `name C s e ...`, C a class's code or name; half-open ranges [s, e) as in
/// `annotations.txt`. A line may name several classes, and a video may have several lines.
public enum XDClassAnnotationFile {
  /// An event and what it is.
  public struct Event: Sendable, Equatable {
    public var className: String
    public var frames: Range<Int>
  }

  /// Reads the format into events by file name without extension.
  ///
  /// - Throws: `DatasetError.badLine` for a line that is none, or names an unknown class.
  public static func parse(_ text: String, file: String, descriptor: DatasetDescriptor) throws
    -> [String: [Event]]
  {
    var events: [String: [Event]] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let name = words.first else { continue }
      guard let found = Self.events(in: words.dropFirst(), descriptor) else {
        throw DatasetError.badLine(
          file: file, line: index + 1, text: line.trimmingCharacters(in: .whitespaces),
          expected: "'name C s e ...' with 0 <= s <= e and C one of "
            + descriptor.classes.map(\.fileCode).joined(separator: ", "))
      }
      events[XDAnnotationFile.stem(ofKey: name), default: []] += found
    }
    return events
  }

  /// The events of a line behind its name; nil for what is none.
  private static func events(in words: ArraySlice<Substring>, _ descriptor: DatasetDescriptor)
    -> [Event]?
  {
    var events: [Event] = []
    var className: String?
    var start: Int?
    for word in words {
      guard let number = Int(word) else {
        guard start == nil, let found = descriptor.classes(labelled: String(word)),
          found.count == 1
        else { return nil }
        className = found[0].name
        continue
      }
      guard let begin = start else {
        start = number
        continue
      }
      guard let className, 0 <= begin, begin <= number else { return nil }
      events.append(Event(className: className, frames: begin..<number))
      start = nil
    }
    return events.isEmpty || start != nil ? nil : events
  }
}
