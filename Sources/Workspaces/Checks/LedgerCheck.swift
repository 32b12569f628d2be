import Foundation
import GRDB

/// The result of one part of `describe verify`.
public struct CheckResult: Codable, Sendable, Equatable {
  /// One disagreement.
  public struct Finding: Codable, Sendable, Equatable {
    /// The video, the file and line, or the table.
    public var subject: String
    public var found: String
    public var expected: String

    public init(subject: String, found: String, expected: String) {
      self.subject = subject
      self.found = found
      self.expected = expected
    }
  }

  /// The name of the check.
  public var name: String
  /// The number of examined items.
  public var examined: Int
  public var findings: [Finding]
  /// Remarks that are not findings.
  public var notes: [String]

  public init(name: String, examined: Int = 0, findings: [Finding] = [], notes: [String] = []) {
    self.name = name
    self.examined = examined
    self.findings = findings
    self.notes = notes
  }

  /// Whether the check has no finding.
  public var isClean: Bool { findings.isEmpty }

  /// Adds a finding.
  public mutating func find(_ subject: String, _ found: String, expected: String) {
    findings.append(Finding(subject: subject, found: found, expected: expected))
  }
}

/// Checks that the ledger is consistent.
public enum LedgerCheck {
  private static let name = "ledger"

  /// Checks the structure of the database file, the references between tables, and the rules
  /// between their rows, in one state of the ledger.
  ///
  /// - Throws: `WorkspaceError` if the file cannot be read at all.
  public static func run(_ ledger: Ledger) throws -> CheckResult {
    try ledger.reading { database in
      var result = CheckResult(name: name)
      try structure(in: database, &result)
      try presentDescriptions(in: database, &result)
      try answers(in: database, &result)
      try requests(in: database, &result)
      let dead = try LedgerAttempt.filter(Column("status") == "started").fetchAll(database)
      let held = try LedgerLease.fetchAll(database).filter { $0.isHeld(at: Date()) }
      let holders = Set(held.map { "\($0.videoID) \($0.processID)" })
      let brokenOff = dead.count { !holders.contains("\($0.videoID) \($0.processID)") }
      if brokenOff > 0 {
        result.notes.append("\(brokenOff) attempts were in flight when their process ended")
      }
      if !held.isEmpty { result.notes.append("\(held.count) items are in work") }
      return result
    }
  }

  private static func structure(in database: Database, _ result: inout CheckResult) throws {
    for line in try String.fetchAll(database, sql: "PRAGMA integrity_check") where line != "ok" {
      result.find("database", line, expected: "a sound database file")
    }
    for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
      let table: String = row["table"]
      let parent: String = row["parent"]
      let number: Int64? = row["rowid"]
      result.find(
        "\(table) row \(number.map { "\($0)" } ?? "?")", "refers to nothing in \(parent)",
        expected: "an existing row for every reference")
    }
  }

  private static func presentDescriptions(in database: Database, _ result: inout CheckResult)
    throws
  {
    let lost = try String.fetchAll(
      database,
      sql: """
        SELECT id FROM videos WHERE descriptionKey IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM descriptions WHERE videoID = videos.id
            AND requestKey = videos.descriptionKey)
        ORDER BY id
        """)
    for video in lost {
      result.find(video, "its present description is missing", expected: "a stored answer")
    }
  }

  private static func answers(in database: Database, _ result: inout CheckResult) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT descriptions.videoID, descriptions.text, descriptions.attemptID,
          descriptions.requestKey, attempts.id AS attempt, attempts.status,
          attempts.videoID AS triedVideo, attempts.requestKey AS triedRequest
        FROM descriptions LEFT JOIN attempts ON attempts.id = descriptions.attemptID
        ORDER BY descriptions.videoID
        """)
    while let row = try rows.next() {
      result.examined += 1
      let video: String = row["videoID"]
      if (row["text"] as String).allSatisfy(\.isWhitespace) {
        result.find(video, "an empty description", expected: "a text")
      }
      guard row["attempt"] as Int64? != nil else { continue }
      let status: LedgerAttempt.Status = row["status"]
      if status != .succeeded {
        result.find(
          video, "an answer whose attempt is \(status.rawValue)",
          expected: "an attempt that succeeded")
      }
      if row["triedVideo"] as String != video
        || row["triedRequest"] as String? != row["requestKey"] as String
      {
        result.find(
          video, "an answer whose attempt was about something else", expected: "its own attempt")
      }
    }
  }

  private struct Frame: Decodable {
    let timestampSeconds: Double
  }

  private static func requests(in database: Database, _ result: inout CheckResult) throws {
    let rows = try Row.fetchCursor(database, sql: "SELECT key, videoID, frames FROM requests")
    while let row = try rows.next() {
      let video: String = row["videoID"]
      let key: String = row["key"]
      guard
        let frames = try? JSONDecoder().decode(
          [Frame].self, from: Data((row["frames"] as String).utf8))
      else {
        result.find(
          video, "request \(key.prefix(12)) with a damaged list of frames", expected: "JSON")
        continue
      }
      let times = frames.map(\.timestampSeconds)
      if zip(times, times.dropFirst()).contains(where: { $0 > $1 }) {
        result.find(
          video, "request \(key.prefix(12)) with frames at \(times)",
          expected: "frames in time order")
      }
    }
  }
}
