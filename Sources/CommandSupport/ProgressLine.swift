import Foundation
import Pipeline
import Synchronization

/// The progress of a stage: on a terminal a live line with rate and time left, elsewhere a plain
/// line every few seconds. For a single item it shows the finished share. Safe to call from
/// several threads.
package final class ProgressLine: Sendable {
  private struct State {
    var total: Int
    var done = 0
    var failed = 0
    /// The finished shares of the unfinished items.
    var underWay: [String: Double] = [:]
    var lastShown = ContinuousClock.Instant.now
    var wasShown = false
  }

  private let label: String
  private let itemName: String
  private let alreadyDone: Int
  private let start = ContinuousClock.now
  private let isTerminal: Bool
  private let state: Mutex<State>

  /// - Parameters:
  ///   - label: the stage's name.
  ///   - total: the number of items.
  ///   - alreadyDone: the number of items that an earlier run finished.
  package init(_ label: String, total: Int, itemName: String = "", alreadyDone: Int = 0) {
    self.label = label
    self.alreadyDone = alreadyDone
    self.itemName = itemName.isEmpty ? "" : " " + itemName
    state = Mutex(State(total: total))
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// Counts finished items.
  ///
  /// - Parameters:
  ///   - total: the number of items, if it has changed.
  ///   - item: the finished item, if `reached` was called for it.
  package func advance(
    by count: Int = 1, failed: Bool = false, of total: Int? = nil, item: String? = nil
  ) {
    state.withLock { state in
      if let total { state.total = total }
      if let item { state.underWay[item] = nil }
      state.done += count
      if failed { state.failed += 1 }
      showInTime(&state)
    }
  }

  /// Sets the finished share of an item, from 0 to 1, so that long items count before they end.
  package func reached(_ share: Double, of item: String) {
    state.withLock { state in
      state.underWay[item] = share.isFinite ? min(max(share, 0), 1) : 0
      showInTime(&state)
    }
  }

  private func showInTime(_ state: inout State) {
    let now = ContinuousClock.now
    let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
    guard now - state.lastShown >= pause else { return }
    state.lastShown = now
    state.wasShown = true
    write(
      Self.text(
        label, done: state.done, underWay: state.underWay.values.reduce(0, +),
        alreadyDone: alreadyDone, total: state.total, seconds: elapsedSeconds)
        + (isTerminal ? "\u{1B}[K\r" : "\n"))
  }

  /// Ends the line with a summary: the number of finished items and the time.
  package func finish() {
    state.withLock { state in
      let seconds = elapsedSeconds
      let failures = state.failed > 0 ? ", \(state.failed) failed" : ""
      let clear = isTerminal ? "\r\u{1B}[K" : ""
      write(
        "\(clear)\(label): \(alreadyDone + state.done) of \(state.total)\(itemName)\(failures) in \(DurationText.of(seconds: seconds))\n"
      )
    }
  }

  /// Ends the line without a summary.
  package func clear() {
    state.withLock { state in
      if isTerminal, state.wasShown { write("\r\u{1B}[K") }
    }
  }

  /// Seconds since the stage began.
  package var elapsedSeconds: Double {
    (ContinuousClock.now - start) / .seconds(1)
  }

  /// The line while the stage runs.
  ///
  /// - Parameters:
  ///   - done: the number of items finished since the start.
  ///   - underWay: the sum of the unfinished items' shares.
  package static func text(
    _ label: String, done: Int, underWay: Double, alreadyDone: Int, total: Int, seconds: Double
  ) -> String {
    let rate = (Double(done) + underWay) / max(seconds, 1e-3)
    let left = rate > 0 ? (Double(total - alreadyDone - done) - underWay) / rate : nil
    let count =
      total == 1
      ? String(format: "%.0f%%", (Double(done) + underWay) * 100)
      : "\(alreadyDone + done)/\(total)  \(format(perSecond: rate))"
    return "\(label): \(count)"
      + (left.map { "  \(DurationText.of(seconds: max(0, $0))) left" } ?? "")
  }

  /// `12.5/s`, `4.0/min`, `1.5/h`.
  package static func format(perSecond rate: Double) -> String {
    let (number, unit) =
      rate >= 1 ? (rate, "s") : rate * 60 >= 1 ? (rate * 60, "min") : (rate * 3600, "h")
    return String(format: "%.1f/", number) + unit
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
