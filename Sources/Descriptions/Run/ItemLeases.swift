import Foundation
import Records
import Synchronization
import Workspaces

/// Shares a run's items with other processes at the same ledger. An item is claimed before
/// work on it begins, its lease is renewed while the work lasts, and the items of a process
/// that died are taken over.
final class ItemLeases: Sendable {
  /// How long a lease lasts without renewal. It limits the wait for the items of a process
  /// whose end this process cannot see.
  private static let seconds = 60.0
  /// The pause before an item that another process held is tried again.
  private static let pause = Duration.milliseconds(500)

  private let ledger: Ledger
  private let storing: BlockingWork
  private let holder = LeaseHolder()
  // A failed renewal ends the run at its next claim.
  private let failure = Mutex<(any Error)?>(nil)

  init(ledger: Ledger, storing: BlockingWork) {
    self.ledger = ledger
    self.storing = storing
  }

  /// Takes an item through the worker's steps if no other process holds it.
  ///
  /// - Throws: the ledger's error; an item's own failure is an outcome.
  func describe(_ item: WorkItem, by worker: DescribeWorker) async throws -> DescribeOutcome {
    if item.wasHeld {
      do {
        try await Task.sleep(for: Self.pause)
      } catch {
        return .interrupted
      }
    }
    switch try await claim(item) {
    case .held: return .heldElsewhere
    case .answered, .failed: return .finishedElsewhere
    case .claimed: break
    }
    let outcome: DescribeOutcome
    do {
      outcome = try await worker.describe(item)
    } catch {
      // The first error is the one to report; the lease expires by itself.
      try? await release(item, hasFailed: false)
      throw error
    }
    switch outcome {
    // The ledger ended the lease with the answer, in one transaction.
    case .described, .alreadyAnswered: break
    case .failed: try await release(item, hasFailed: true)
    case .serverLost, .interrupted, .heldElsewhere, .finishedElsewhere:
      try await release(item, hasFailed: false)
    }
    return outcome
  }

  /// Renews this run's leases until the task is cancelled.
  func keepRenewing() async {
    while (try? await Task.sleep(for: .seconds(Self.seconds / 4))) != nil {
      let (ledger, holder) = (ledger, holder)
      do {
        try await storing.runToEnd { try ledger.renewLeases(of: holder, seconds: Self.seconds) }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        return
      }
    }
  }

  private func claim(_ item: WorkItem) async throws -> LedgerClaim {
    if let error = failure.withLock({ $0 }) { throw error }
    let (ledger, holder) = (ledger, holder)
    return try await storing.runToEnd {
      try ledger.claim(
        videoID: item.video.id, intentKey: item.intentKey, for: holder, seconds: Self.seconds)
    }
  }

  private func release(_ item: WorkItem, hasFailed: Bool) async throws {
    let (ledger, holder) = (ledger, holder)
    try await storing.runToEnd {
      try ledger.release(
        videoID: item.video.id, intentKey: item.intentKey, by: holder, hasFailed: hasFailed)
    }
  }
}
