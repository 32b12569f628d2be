import Foundation
import KeyEvents
import Records
import Synchronization

/// Selection records of many videos, one a line (`--jsonl`).
///
/// A line is appended in one write and flushed to the disk, so that a crash costs
/// at most the line under way; a torn last line is cut off when the file is opened
/// again. Where a video stands in the file twice, the last line counts. Safe to use
/// from several threads.
public final class SelectionJournal: Sendable {
  public let url: URL
  private let records: Mutex<[String: SelectionRecord]>

  /// Opens the file, which need not be there.
  ///
  /// - Throws: `RecordError.wrongFormat` with the number of a line that is no
  ///   selection record, `.cannotRead`, `.cannotWrite`.
  public init(url: URL) throws {
    self.url = url
    guard FileManager.default.fileExists(atPath: url.path) else {
      records = Mutex([:])
      return
    }
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: error.localizedDescription)
    }
    let newline = UInt8(ascii: "\n")
    let whole = data.lastIndex(of: newline).map { data[...$0] } ?? data.prefix(0)
    var known: [String: SelectionRecord] = [:]
    for (number, line) in whole.split(separator: newline).enumerated() {
      do {
        let record = try JSONDecoder().decode(SelectionRecord.self, from: line)
        known[record.subject] = record
      } catch {
        throw RecordError.wrongFormat(
          path: url.path, found: "line \(number + 1) that is no selection record",
          expected: "one of format \(SelectionRecord.currentFormat); name another file")
      }
    }
    if whole.count < data.count {
      guard truncate(url.path, off_t(whole.count)) == 0 else {
        throw RecordError.cannotWrite(path: url.path, reason: String(cString: strerror(errno)))
      }
    }
    records = Mutex(known)
  }

  /// The record of a video, if it was made from the same bytes by the same scorer
  /// with equal settings: then selecting again would give it again.
  ///
  /// - Throws: where the file cannot be read.
  public func record(
    of path: String, options: SelectionOptions, scorer: any RelevanceScorer
  ) throws -> SelectionRecord? {
    guard let known = records.withLock({ $0[path] }), let hash = known.video?.sha256,
      known.scorer == scorer.identity, known.queries == scorer.queries,
      known.gate?.threshold == (scorer.queries.isEmpty ? nil : options.gate),
      known.strategy == options.strategy, known.requestedFrames == options.frames,
      known.objective.spread == options.parameters.spread,
      known.parameters
        == options.strategy.parametersRead(
          options.parameters, on: known.curve, frames: options.frames)
    else { return nil }
    return try ContentHash.ofFile(at: URL(fileURLWithPath: path)) == hash ? known : nil
  }

  /// Adds a record.
  ///
  /// - Throws: `RecordError.cannotWrite`.
  public func append(_ record: SelectionRecord) throws {
    let line = try JSONRecord.encode(record, pretty: false) + Data("\n".utf8)
    try records.withLock { records in
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      let descriptor = open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw RecordError.cannotWrite(path: url.path, reason: String(cString: strerror(errno)))
      }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do {
        try handle.write(contentsOf: line)
        try handle.synchronize()
      } catch {
        throw RecordError.cannotWrite(path: url.path, reason: error.localizedDescription)
      }
      records[record.subject] = record
    }
  }
}
