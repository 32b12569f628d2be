import Foundation
import Synchronization

/// How far a stage is: a live line with rate and time left on a terminal, a
/// plain line every few seconds elsewhere. Safe to call from several threads.
public final class ProgressLine: Sendable {
  private struct State {
    var total: Int
    var done = 0
    var failed = 0
    var lastShown = ContinuousClock.Instant.now
  }

  private let label: String
  private let itemName: String
  private let alreadyDone: Int
  private let start = ContinuousClock.now
  private let isTerminal: Bool
  private let state: Mutex<State>

  /// - Parameters:
  ///   - label: the stage's name.
  ///   - total: how many items there are.
  ///   - alreadyDone: how many of them an earlier run finished.
  public init(_ label: String, total: Int, itemName: String = "", alreadyDone: Int = 0) {
    self.label = label
    self.alreadyDone = alreadyDone
    self.itemName = itemName.isEmpty ? "" : " " + itemName
    state = Mutex(State(total: total))
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// One more item is finished, or `count` more.
  ///
  /// - Parameter total: how many items there are, where that has become known since.
  public func advance(by count: Int = 1, failed: Bool = false, of total: Int? = nil) {
    state.withLock { state in
      if let total { state.total = total }
      state.done += count
      if failed { state.failed += 1 }
      let now = ContinuousClock.now
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
      guard now - state.lastShown >= pause else { return }
      state.lastShown = now
      show(state, end: isTerminal ? "\r" : "\n")
    }
  }

  /// Ends the line; says how many were done in how long.
  public func finish() {
    state.withLock { state in
      let seconds = elapsedSeconds
      let failures = state.failed > 0 ? ", \(state.failed) failed" : ""
      let clear = isTerminal ? "\r\u{1B}[K" : ""
      write(
        "\(clear)\(label): \(alreadyDone + state.done) of \(state.total)\(itemName)\(failures) in \(Self.format(seconds: seconds))\n"
      )
    }
  }

  /// Seconds since the stage began.
  public var elapsedSeconds: Double {
    (ContinuousClock.now - start) / .seconds(1)
  }

  private func show(_ state: State, end: String) {
    let rate = Double(state.done) / max(elapsedSeconds, 1e-3)
    let left = rate > 0 ? Double(state.total - alreadyDone - state.done) / rate : 0
    let clear = isTerminal ? "\u{1B}[K" : ""
    let rateText = String(format: "%.1f/s", rate)
    write(
      "\(label): \(alreadyDone + state.done)/\(state.total)  \(rateText)  \(Self.format(seconds: left)) left\(clear)\(end)"
    )
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// `4.2 s`, `3 min 07 s`, `2 h 05 min`.
  public static func format(seconds: Double) -> String {
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60)
  }
}
