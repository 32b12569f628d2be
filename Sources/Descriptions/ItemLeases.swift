import Foundation
import Records
import Synchronization
import Workspaces

/// Shares a run's items with other processes at the same ledger: an item is claimed
/// before it is worked on, its lease is renewed meanwhile, and what a dead process
/// held is taken over.
final class ItemLeases: Sendable {
  /// How long a lease holds without renewal. It bounds the wait for the items of a
  /// process whose end cannot be seen from here.
  private static let seconds = 60.0
  /// How often what others hold is looked at again.
  private static let pause = Duration.milliseconds(500)

  private let ledger: Ledger
  private let storing: BlockingWork
  private let holder = LeaseHolder()
  // A lease that could not be renewed ends the run at its next claim.
  private let failure = Mutex<(any Error)?>(nil)

  init(ledger: Ledger, storing: BlockingWork) {
    self.ledger = ledger
    self.storing = storing
  }

  /// Takes an item through the worker's steps if it is free.
  ///
  /// - Throws: what the ledger throws; an item's own failure is an outcome.
  func describe(_ item: DescribeItem, by worker: DescribeWorker) async throws -> DescribeOutcome {
    if item.wasHeld {
      do {
        try await Task.sleep(for: Self.pause)
      } catch {
        return .brokenOff
      }
    }
    switch try await claim(item) {
    case .held: return .heldElsewhere
    case .answered, .failed: return .endedElsewhere
    case .claimed: break
    }
    let outcome: DescribeOutcome
    do {
      outcome = try await worker.describe(item)
    } catch {
      // The first error is the one to tell; the lease expires by itself.
      try? await release(item, hasFailed: false)
      throw error
    }
    switch outcome {
    // The ledger ended the lease with the answer, in one transaction.
    case .described, .shared: break
    case .failed: try await release(item, hasFailed: true)
    case .serverLost, .brokenOff, .heldElsewhere, .endedElsewhere:
      try await release(item, hasFailed: false)
    }
    return outcome
  }

  /// Lengthens this run's leases until the task is cancelled.
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

  private func claim(_ item: DescribeItem) async throws -> LedgerClaim {
    if let error = failure.withLock({ $0 }) { throw error }
    let (ledger, holder) = (ledger, holder)
    return try await storing.runToEnd {
      try ledger.claim(
        videoID: item.video.id, intentKey: item.intentKey, for: holder, seconds: Self.seconds)
    }
  }

  private func release(_ item: DescribeItem, hasFailed: Bool) async throws {
    let (ledger, holder) = (ledger, holder)
    try await storing.runToEnd {
      try ledger.release(
        videoID: item.video.id, intentKey: item.intentKey, by: holder, hasFailed: hasFailed)
    }
  }
}
