import Foundation
import KeyEvents
import Records
import Synchronization

/// Selection records of many videos, one per line (`--jsonl`).
///
/// A line is appended in one write and flushed to the disk, so that a crash loses at most
/// the current line. A torn last line is cut off before the next line is appended. A file
/// with any other content remains unchanged. If the file contains a video twice, the last
/// line counts. Safe to use from several threads.
public final class SelectionJournal: Sendable {
  public let url: URL
  private let state: Mutex<State>

  private struct State {
    var records: [String: SelectionRecord] = [:]
    /// The offset of a torn last line.
    var tornAt: Int?
  }

  /// The start of every line: keys are sorted.
  private static let lineStart = Data(#"{"candidates":"#.utf8)

  /// Opens the file, which may be missing.
  ///
  /// - Throws: `RecordError.wrongFormat` with the line number for a file that is not such a
  ///   journal; `.cannotRead`; `.cannotWrite` if nothing can be appended.
  public init(url: URL) throws {
    self.url = url
    guard FileManager.default.fileExists(atPath: url.path) else {
      try Self.openedForAppending(url).close()
      state = Mutex(State())
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
    var state = State()
    for (number, line) in whole.split(separator: newline).enumerated() {
      do {
        let record = try JSONDecoder().decode(SelectionRecord.self, from: line)
        state.records[record.subject] = record
      } catch {
        throw Self.foreign(url, line: number + 1)
      }
    }
    let tail = data[whole.endIndex...]
    if !tail.isEmpty {
      let common = min(tail.count, Self.lineStart.count)
      guard tail.prefix(common) == Self.lineStart.prefix(common) else {
        throw Self.foreign(url, line: whole.count { $0 == newline } + 1)
      }
      state.tornAt = whole.count
    }
    try Self.openedForAppending(url).close()
    self.state = Mutex(state)
  }

  private static func foreign(_ url: URL, line: Int) -> RecordError {
    .wrongFormat(
      path: url.path, found: "line \(line) that is no selection record",
      expected: "one of format \(SelectionRecord.currentFormat); name another file")
  }

  private static func openedForAppending(_ url: URL) throws -> FileHandle {
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw RecordError.cannotWrite(
        path: url.deletingLastPathComponent().path, reason: error.localizedDescription)
    }
    let descriptor = open(url.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw cannotWrite(url) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static func cannotWrite(_ url: URL) -> RecordError {
    .cannotWrite(path: url.path, reason: String(cString: strerror(errno)))
  }

  /// The record of a video, if the same scorer made it from the same content with equal
  /// settings. A new selection would then give the same record.
  ///
  /// - Throws: if the file cannot be read.
  public func record(
    of path: String, options: SelectionOptions, scorer: any RelevanceScorer
  ) throws -> SelectionRecord? {
    guard let known = state.withLock({ $0.records[path] }), let video = known.video,
      video.view == options.view.record, known.scorer == scorer.identity,
      known.queries == scorer.queries,
      known.gate?.threshold == (scorer.queries.isEmpty ? nil : options.gate),
      known.strategy == options.strategy, known.requestedFrames == options.frames,
      known.objective.spread == options.parameters.spread,
      known.parameters
        == options.strategy.parametersRead(
          options.parameters, on: known.curve, frames: options.frames)
    else { return nil }
    return try Self.isUnchanged(video, at: path) ? known : nil
  }

  /// Whether the file is the one of the record: by its content hash, or, in records of earlier
  /// builds, by the hash of all its bytes.
  private static func isUnchanged(_ video: SelectionSource, at path: String) throws -> Bool {
    if let hash = video.contentHash {
      return try VideoFingerprint.measure(path: path).hash == hash
    }
    guard let hash = video.sha256 else { return false }
    return try ContentHash.ofFile(at: URL(fileURLWithPath: path)) == hash
  }

  /// Adds a record.
  ///
  /// - Throws: `RecordError.cannotWrite`.
  public func append(_ record: SelectionRecord) throws {
    let line = try JSONRecord.encode(record, pretty: false) + Data("\n".utf8)
    try state.withLock { state in
      let handle = try Self.openedForAppending(url)
      if let tornAt = state.tornAt {
        guard ftruncate(handle.fileDescriptor, off_t(tornAt)) == 0 else {
          throw Self.cannotWrite(url)
        }
        state.tornAt = nil
      }
      do {
        try handle.write(contentsOf: line)
        try handle.synchronize()
      } catch {
        throw RecordError.cannotWrite(path: url.path, reason: error.localizedDescription)
      }
      state.records[record.subject] = record
    }
  }
}
