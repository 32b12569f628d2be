import Foundation
import GRDB

/// One run's claim on one item: while it holds, no other run asks about it.
public struct LedgerLease: Codable, Sendable, Equatable {
  /// The video.
  public var videoID: String
  /// What is to be asked about it, as in `Ledger.store`.
  public var intentKey: String
  /// The run that holds it: `LeaseHolder.token`.
  public var holder: String
  /// The process of that run: `ProcessIdentity`.
  public var realm: String
  public var processID: Int
  public var startTicks: Int64
  /// When it was taken.
  public var claimed: Date
  /// From when on anybody may take it.
  public var expires: Date
  /// Whether the holder is through with the item and has no answer: kept so that
  /// runs that began before do not try it once more.
  public var hasFailed: Bool

  /// The process of the run that holds it.
  public var process: ProcessIdentity {
    ProcessIdentity(realm: realm, processID: processID, startTicks: startTicks)
  }

  /// Whether it keeps others away at a moment.
  public func isHeld(at moment: Date) -> Bool {
    !hasFailed && expires > moment && !process.isKnownToHaveEnded
  }
}

extension LedgerLease: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "leases"
}

/// A run that takes leases.
public struct LeaseHolder: Sendable {
  /// Unlike any other run's.
  public let token: String
  /// The process that it runs in.
  public let process: ProcessIdentity
  /// When the run began.
  public let began: Date

  public init(
    token: String = UUID().uuidString, process: ProcessIdentity = .current, began: Date = Date()
  ) {
    self.token = token
    self.process = process
    self.began = began
  }
}

/// What became of the wish to work on an item.
public enum LedgerClaim: Sendable, Equatable {
  /// The item is the asking run's until its lease expires.
  case claimed
  /// Another run works on it.
  case held
  /// It has an answer.
  case answered
  /// Another run has failed with it since the asking run began.
  case failed
}
