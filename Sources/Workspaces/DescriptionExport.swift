import Foundation
import GRDB
import Records

/// Writes `descriptions.jsonl`: the present descriptions, one JSON object a line
/// with sorted keys, by video id.
public enum DescriptionExport {
  /// One line.
  public struct Line: Codable, Sendable, Equatable {
    /// The layout of the lines.
    public static let currentFormat = 1

    public let format: Int
    public let video: String
    public let split: String?
    public let text: String
    public let status: LedgerDescription.Status
    public let describerKind: String
    public let model: String
    public let promptName: String
    public let promptVersion: String
    public let promptHash: String
    public let selectionKey: String?
    public let requestKey: String
    /// Timestamps of the frames that were shown, seconds.
    public let frameSeconds: [Double]
    /// ISO 8601, UTC.
    public let created: String
  }

  private struct Frame: Decodable {
    let timestampSeconds: Double
  }

  /// The lines for everything that has a description now, from one state of the ledger.
  ///
  /// - Throws: `WorkspaceError`, or `RecordError.wrongFormat` where a request's
  ///   list of frames is damaged.
  public static func lines(of ledger: Ledger) throws -> [Line] {
    let rows = try ledger.reading { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT videos.id, videos.split, descriptions.text, descriptions.status,
            descriptions.created, requests.key, requests.describerKind, requests.model,
            requests.promptName, requests.promptVersion, requests.promptHash,
            requests.selectionKey, requests.frames
          FROM videos
          JOIN requests ON requests.key = videos.descriptionKey
          JOIN descriptions ON descriptions.videoID = videos.id
            AND descriptions.requestKey = requests.key
          ORDER BY videos.id
          """)
    }
    return try rows.map { try line(of: $0, ledger: ledger) }
  }

  private static func line(of row: Row, ledger: Ledger) throws -> Line {
    let video: String = row["id"]
    let frames: [Frame]
    do {
      frames = try JSONDecoder().decode([Frame].self, from: Data((row["frames"] as String).utf8))
    } catch {
      throw RecordError.wrongFormat(
        path: ledger.file.path, found: "a damaged list of frames for '\(video)'",
        expected: "JSON")
    }
    return Line(
      format: Line.currentFormat, video: video, split: row["split"], text: row["text"],
      status: row["status"], describerKind: row["describerKind"], model: row["model"],
      promptName: row["promptName"], promptVersion: row["promptVersion"],
      promptHash: row["promptHash"], selectionKey: row["selectionKey"], requestKey: row["key"],
      frameSeconds: frames.map(\.timestampSeconds),
      created: (row["created"] as Date).ISO8601Format())
  }

  /// Replaces the file by what the ledger holds now, atomically.
  public static func write(_ ledger: Ledger, to file: URL) throws {
    var data = Data()
    for line in try lines(of: ledger) {
      data.append(try JSONRecord.encode(line, pretty: false))
      data.append(0x0A)
    }
    try AtomicFile.write(data, to: file)
  }
}
