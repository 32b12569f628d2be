import Foundation
import GRDB

/// The progress of a ledger's videos, and the present rate.
public struct LedgerStatus: Codable, Sendable, Equatable {
  /// One server, or the describer inside the process.
  public struct Endpoint: Codable, Sendable, Equatable {
    /// The server's base URL; nil for the describer inside the process.
    public var endpoint: String?
    /// Requests for which a running process waits.
    public var inFlight: Int
    public var succeeded: Int
    public var failed: Int
    /// Successes per minute, over the last minutes.
    public var answersPerMinute: Double
    /// Output tokens per second, over the last minutes.
    public var outputTokensPerSecond: Double
    /// Mean latency of the successes of the last minutes; nil without one.
    public var latencySeconds: Double?
    /// The last error; nil if the last attempt succeeded.
    public var lastError: String?
  }

  /// Videos of the split in the ledger.
  public var videos: Int
  /// Videos with an answer to their current question.
  public var described: Int
  /// Videos without it, but with a description for an earlier question (another prompt, model
  /// or sampling). The counts below include them too.
  public var describedEarlier: Int
  /// Videos without it whose last attempt to end the item failed.
  public var failed: Int
  /// Videos without it that a running process has claimed.
  public var inWork: Int
  /// The remaining videos without it.
  public var waiting: Int
  /// Tokens of all successes, as the servers counted them.
  public var promptTokens: Int
  public var outputTokens: Int
  /// The span of the rates, in seconds up to now; 0 without a success in it.
  public var rateSeconds: Double
  /// Successes per minute in that span.
  public var itemsPerMinute: Double
  /// Time for the videos that are waiting or in work, at that rate; nil without a rate.
  public var secondsLeft: Double?
  public var endpoints: [Endpoint]
  /// Who described the videos, and whose descriptions are present.
  public var describers: [LedgerDescriber]

  /// The longest span of the rates.
  public static let longestRateSeconds = 300.0
}

/// The numbers of rows in the ledger.
public struct LedgerCounts: Codable, Sendable, Equatable {
  public let videos: Int
  public let selections: Int
  public let requests: Int
  public let attempts: Int
  public let failedAttempts: Int
  /// Kept answers, including those to earlier prompts.
  public let descriptions: Int
  /// Videos with a present description.
  public let describedVideos: Int
}

extension Ledger {
  /// Counts the rows by table.
  public func counts() throws -> LedgerCounts {
    try reading { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      return LedgerCounts(
        videos: try count("SELECT count(*) FROM videos"),
        selections: try count("SELECT count(*) FROM selections"),
        requests: try count("SELECT count(*) FROM requests"),
        attempts: try count("SELECT count(*) FROM attempts"),
        failedAttempts: try count("SELECT count(*) FROM attempts WHERE status = 'failed'"),
        descriptions: try count("SELECT count(*) FROM descriptions"),
        describedVideos: try count(
          "SELECT count(*) FROM videos WHERE descriptionKey IS NOT NULL"))
    }
  }
}

extension Ledger {
  /// The progress of the work, from one state of the ledger.
  ///
  /// - Parameter split: only this split; all if nil.
  public func status(split: String? = nil, now: Date = Date()) throws -> LedgerStatus {
    try reading { database in
      let videos = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*) AS total, count(*) FILTER (WHERE lacks) AS without,
            count(*) FILTER (WHERE lacks AND descriptionKey IS NOT NULL) AS earlier
          FROM (SELECT descriptionKey, \(Self.lacksAnswer) AS lacks FROM videos
            WHERE isCurrent AND (?1 IS NULL OR split = ?1))
          """, arguments: [split])
      let total: Int = videos?["total"] ?? 0
      let without: Int = videos?["without"] ?? 0
      let held = try Self.held(split: split, now: now, in: database)
      let failed = try Self.failedVideos(split: split, in: database).subtracting(held.keys).count
      let tries = try Self.tries(split: split, held: held, now: now, in: database)
      let span = tries.values.map(\.recentSpan).max() ?? 0
      let recent = tries.values.map(\.recentCount).reduce(0, +)
      let rate = span > 0 ? Double(recent) / span : 0
      let waiting = without - failed - held.count
      return LedgerStatus(
        videos: total, described: total - without, describedEarlier: videos?["earlier"] ?? 0,
        failed: failed, inWork: held.count, waiting: max(0, waiting),
        promptTokens: tries.values.map(\.promptTokens).reduce(0, +),
        outputTokens: tries.values.map(\.outputTokens).reduce(0, +), rateSeconds: span,
        itemsPerMinute: rate * 60,
        secondsLeft: rate > 0 ? Double(max(0, waiting) + held.count) / rate : nil,
        endpoints: tries.sorted { $0.key ?? "" < $1.key ?? "" }.map {
          $1.endpoint($0, span: span)
        }, describers: try Self.describers(split: split, in: database))
    }
  }

  /// The numbers of the processes that work on videos without an answer, by video.
  private static func held(split: String?, now: Date, in database: Database) throws
    -> [String: Int]
  {
    try LedgerLease.fetchAll(
      database,
      sql: """
        SELECT leases.* FROM leases JOIN videos ON videos.id = leases.videoID
        WHERE videos.isCurrent AND (\(lacksAnswer)) AND (?1 IS NULL OR videos.split = ?1)
        """, arguments: [split]
    ).filter { $0.isHeld(at: now) }
      .reduce(into: [:]) { $0[$1.videoID] = $1.processID }
  }

  private static func failedVideos(split: String?, in database: Database) throws -> Set<String> {
    Set(try failures(split: split, limit: nil, in: database).map(\.videoID))
  }

  /// The sums of the attempts at one endpoint.
  private struct Tries {
    var inFlight = 0
    var succeeded = 0
    var failed = 0
    var promptTokens = 0
    var outputTokens = 0
    var recentCount = 0
    var recentTokens = 0
    var recentLatency = 0.0
    var recentSpan = 0.0
    var lastError: String?

    func endpoint(_ name: String?, span: Double) -> LedgerStatus.Endpoint {
      LedgerStatus.Endpoint(
        endpoint: name, inFlight: inFlight, succeeded: succeeded, failed: failed,
        answersPerMinute: span > 0 ? Double(recentCount) * 60 / span : 0,
        outputTokensPerSecond: span > 0 ? Double(recentTokens) / span : 0,
        latencySeconds: recentCount > 0 ? recentLatency / Double(recentCount) : nil,
        lastError: lastError)
    }
  }

  private static func tries(
    split: String?, held: [String: Int], now: Date, in database: Database
  ) throws -> [String?: Tries] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT attempts.* FROM attempts JOIN videos ON videos.id = attempts.videoID
        WHERE attempts.stage = 'describe' AND (?1 IS NULL OR videos.split = ?1)
        ORDER BY attempts.id
        """, arguments: [split])
    var tries: [String?: Tries] = [:]
    while let row = try rows.next() {
      let name: String? = row["endpoint"]
      let latency: Double = row["latencySeconds"] ?? 0
      let startedAgo = now.timeIntervalSince(row["started"])
      switch row["status"] as LedgerAttempt.Status {
      case .started:
        // Other started rows were in flight when their process died.
        if held[row["videoID"]] == row["processID"] { tries[name, default: Tries()].inFlight += 1 }
      case .cancelled: break
      case .failed:
        tries[name, default: Tries()].failed += 1
        tries[name]?.lastError = row["error"]
      case .succeeded:
        var sum = tries[name, default: Tries()]
        let outputTokens: Int = row["completionTokens"] ?? 0
        sum.succeeded += 1
        sum.promptTokens += row["promptTokens"] ?? 0
        sum.outputTokens += outputTokens
        sum.lastError = nil
        if startedAgo - latency <= LedgerStatus.longestRateSeconds {
          sum.recentCount += 1
          sum.recentTokens += outputTokens
          sum.recentLatency += latency
          sum.recentSpan = max(
            sum.recentSpan, min(startedAgo, LedgerStatus.longestRateSeconds))
        }
        tries[name] = sum
      }
    }
    return tries
  }
}
