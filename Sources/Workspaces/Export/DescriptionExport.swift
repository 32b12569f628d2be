import Foundation
import GRDB
import Records

/// The present descriptions as JSON lines, in the order of the videos' ids.
public enum DescriptionExport {
  /// One description.
  public struct Line: Codable, Sendable, Equatable {
    /// The version of the lines' layout.
    public static let currentFormat = 3

    public let format: Int
    public let video: String
    /// For a piece, the id of the whole video, and the piece's start and end there; nil for a
    /// whole video.
    public let segmentOf: String?
    public let startSeconds: Int?
    public let endSeconds: Int?
    public internal(set) var split: String?
    public let text: String
    public let status: LedgerDescription.Status
    /// The findings about the text; empty without one.
    public internal(set) var findings: [AnswerFinding]
    /// The answer's fields as JSON; nil if the question had no schema.
    public let structured: String?
    /// The mean cosine between the text and its frames by `similarityEncoder`; nil if no model
    /// compared them.
    public let frameSimilarity: Double?
    public let similarityEncoder: String?
    public let describerKind: String
    public let model: String
    public let promptName: String
    public let promptVersion: String
    public let promptHash: String
    public let selectionKey: String?
    public let requestKey: String
    /// Timestamps of the shown frames; for a piece, from its start.
    public let frameSeconds: [Double]
    /// ISO 8601, UTC.
    public let created: String
  }

  private struct Frame: Decodable {
    let timestampSeconds: Double
  }

  /// Calls `body` with each present description, from one state of the ledger. It reads one
  /// at a time, so that memory does not grow with their number.
  ///
  /// - Parameters:
  ///   - split: only this split; all if nil.
  ///   - limit: the greatest number of lines, the first by id; all if nil.
  /// - Throws: `WorkspaceError`, `RecordError.wrongFormat` if a request's list of frames is
  ///   damaged, and the errors of `body`.
  public static func forEachLine(
    of ledger: Ledger, split: String? = nil, limit: Int? = nil, _ body: (Line) throws -> Void
  ) throws {
    try reading(ledger, split: split, limit: limit) { try $0.forEachLine(body) }
  }

  /// Calls `body` with a state of the ledger that does not change while `body` reads it, any
  /// number of times.
  static func reading<Value>(
    _ ledger: Ledger, split: String?, limit: Int?, _ body: (Reader) throws -> Value
  ) throws -> Value {
    try ledger.reading {
      try body(Reader(database: $0, path: ledger.file.path, split: split, limit: limit))
    }
  }

  /// The descriptions of one state of the ledger.
  struct Reader {
    fileprivate let database: Database
    fileprivate let path: String
    fileprivate let split: String?
    fileprivate let limit: Int?

    /// Calls `body` with each description, in the order of the videos' ids.
    func forEachLine(_ body: (Line) throws -> Void) throws {
      let rows = try Row.fetchCursor(
        database,
        sql: """
            SELECT videos.id, videos.split, videos.segmentOf, videos.startSeconds,
              videos.endSeconds, descriptions.text, descriptions.status, descriptions.findings,
              descriptions.structured, descriptions.frameSimilarity,
              descriptions.similarityEncoder, descriptions.created, requests.key,
              requests.describerKind,
              coalesce(json_extract(descriptions.describer, '$.model'), requests.model) AS model,
              requests.promptName, requests.promptVersion, requests.promptHash,
              requests.selectionKey, requests.frames
            FROM videos
            JOIN requests ON requests.key = videos.descriptionKey
            JOIN descriptions ON descriptions.videoID = videos.id
              AND descriptions.requestKey = requests.key
            WHERE ?1 IS NULL OR videos.split = ?1
            ORDER BY coalesce(videos.segmentOf, videos.id), videos.startSeconds, videos.id
            LIMIT ?2
          """, arguments: [split, limit ?? -1])
      while let row = try rows.next() { try body(line(of: row, path: path)) }
    }
  }

  /// All lines at once, for tests.
  package static func lines(of ledger: Ledger) throws -> [Line] {
    var lines: [Line] = []
    try forEachLine(of: ledger) { lines.append($0) }
    return lines
  }

  private static func line(of row: Row, path: String) throws -> Line {
    let video: String = row["id"]
    let frames: [Frame]
    let findings: [AnswerFinding]
    do {
      findings = try JSONDecoder().decode(
        [AnswerFinding].self, from: Data(((row["findings"] as String?) ?? "[]").utf8))
      frames = try JSONDecoder().decode([Frame].self, from: Data((row["frames"] as String).utf8))
    } catch {
      throw RecordError.wrongFormat(
        path: path, found: "a damaged list of frames or findings for '\(video)'",
        expected: "JSON")
    }
    return Line(
      format: Line.currentFormat, video: video, segmentOf: row["segmentOf"],
      startSeconds: row["startSeconds"], endSeconds: row["endSeconds"], split: row["split"],
      text: row["text"],
      status: row["status"], findings: findings, structured: row["structured"],
      frameSimilarity: row["frameSimilarity"], similarityEncoder: row["similarityEncoder"],
      describerKind: row["describerKind"], model: row["model"],
      promptName: row["promptName"], promptVersion: row["promptVersion"],
      promptHash: row["promptHash"], selectionKey: row["selectionKey"], requestKey: row["key"],
      frameSeconds: frames.map(\.timestampSeconds),
      created: (row["created"] as Date).ISO8601Format())
  }

  /// Writes `descriptions.jsonl`: one JSON object per line, with sorted keys. Replaces the
  /// file atomically.
  public static func write(
    _ ledger: Ledger, to file: URL, split: String? = nil, limit: Int? = nil
  ) throws {
    try AtomicFile.write(to: file) { take in
      try forEachLine(of: ledger, split: split, limit: limit) { try take($0.jsonLine()) }
    }
  }
}

extension DescriptionExport.Line {
  /// The line as JSON with its line feed.
  func jsonLine() throws -> Data {
    var data = try JSONRecord.encode(self, pretty: false)
    data.append(0x0A)
    return data
  }
}

/// The present descriptions as a table of comma-separated values (RFC 4180, lines
/// end in a line feed, UTF-8).
public enum DescriptionTable {
  /// The columns, as in the first line. The values of `findings` and of `frameSeconds` are
  /// separated by spaces.
  public static let columns = [
    "video", "split", "text", "status", "findings", "structured", "describerKind", "model",
    "promptName", "promptVersion", "promptHash",
    "selectionKey", "requestKey", "frameSeconds", "created",
    "segmentOf", "startSeconds", "endSeconds", "frameSimilarity", "similarityEncoder",
  ]

  /// Replaces the file by the present descriptions, atomically.
  public static func write(
    _ ledger: Ledger, to file: URL, split: String? = nil, limit: Int? = nil
  ) throws {
    try AtomicFile.write(to: file) { take in
      try take(row(columns))
      try DescriptionExport.forEachLine(of: ledger, split: split, limit: limit) { line in
        try take(
          row([
            line.video, line.split ?? "", line.text,
            line.status.rawValue,
            line.findings.map(\.rawValue).joined(separator: " "), line.structured ?? "",
            line.describerKind,
            line.model, line.promptName, line.promptVersion, line.promptHash,
            line.selectionKey ?? "", line.requestKey,
            line.frameSeconds.map { "\($0)" }.joined(separator: " "), line.created,
            line.segmentOf ?? "", line.startSeconds.map(String.init) ?? "",
            line.endSeconds.map(String.init) ?? "",
            line.frameSimilarity.map { "\($0)" } ?? "", line.similarityEncoder ?? "",
          ]))
      }
    }
  }

  private static func row(_ cells: [String]) -> Data {
    Data((cells.map(CSVField.quoted).joined(separator: ",") + "\n").utf8)
  }
}
