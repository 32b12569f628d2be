import Foundation
import Records

/// The times of the anomalies of one video.
public struct TemporalAnnotation: Codable, Sendable, Equatable {
  /// The video's id in its data set.
  public var videoID: String
  /// The class as the annotation file writes it; for formats without classes, the video's
  /// first class.
  public var className: String
  /// Half-open ranges of frames from 0; empty for a normal video. UCF-Crime's official pairs
  /// (s, e) count from 1 and include both ends, and are [s - 1, e) here.
  public var events: [Range<Int>]

  public init(videoID: String, className: String, events: [Range<Int>]) {
    self.videoID = videoID
    self.className = className
    self.events = events
  }
}

/// UCF-Crime's temporal annotation: one line per test video,
/// `name.mp4  Class  s1  e1  s2  e2`, separated by two spaces, with -1 for no event.
///
/// The official evaluator counts frames from 1 and includes both ends, so a pair (s, e) is the
/// half-open range [s - 1, e) of frames from 0. (VadCLIP's ground truth reads the same numbers
/// as [s, e), RTFM's and LAVAD's as [s, e + 1).)
public struct UCFAnnotationFile: Sendable, Equatable {
  /// One line.
  public struct Entry: Sendable, Equatable {
    /// The file's name as written, with its extension.
    public var fileName: String
    /// The class as written; `Normal` for normal videos.
    public var className: String
    /// Half-open ranges of frames from 0.
    public var events: [Range<Int>]

    public init(fileName: String, className: String, events: [Range<Int>]) {
      self.fileName = fileName
      self.className = className
      self.events = events
    }
  }

  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  /// Parses the format. Errors name `file`. Blank lines are skipped.
  ///
  /// - Throws: `DatasetError.badLine` for a line without a class, or with numbers that are not
  ///   frame ranges.
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

  /// The annotation as text in the same format, with at least two pairs per line, as in the
  /// official file.
  public var text: String {
    entries.map { entry in
      var fields = [entry.fileName, entry.className]
      for event in entry.events { fields += ["\(event.lowerBound + 1)", "\(event.upperBound)"] }
      while fields.count < 6 { fields.append("-1") }
      return fields.joined(separator: "  ") + "  \n"
    }.joined()
  }
}

/// XD-Violence's `annotations.txt`: one line per abnormal test video, `name s e s e ...`, with
/// half-open ranges [s, e) as VadCLIP reads them.
public enum XDAnnotationFile {
  /// Parses the format into events by file name without extension. A video with two lines gets
  /// the events of both. (14 official keys have a stray `.mp4`.)
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

  /// The key of a line, without the stray `.mp4` of some lines.
  static func stem(ofKey key: some StringProtocol) -> String {
    String(key.hasSuffix(".mp4") ? key.dropLast(4) : key[...])
  }
}

/// XD-Violence's `annotations_multiclasses.txt`: the events of test videos with their classes,
/// `name C s e ...`, where C is a class's code or name, with half-open ranges [s, e) as in
/// `annotations.txt`. A line may contain several classes, and a video may have several lines.
public enum XDClassAnnotationFile {
  /// An event with its class.
  public struct Event: Codable, Sendable, Equatable {
    public var className: String
    public var frames: Range<Int>
  }

  /// Parses the format into events by file name without extension.
  ///
  /// - Throws: `DatasetError.badLine` for a line in another format or with an unknown class.
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

  /// Parses the events that follow the name; nil if a field is not a part of an event.
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
