import Foundation
import Synchronization

/// A line that the next one replaces: live on a terminal; elsewhere one every few seconds,
/// the first after as long. Safe to call from several threads.
final class StatusLine: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex((last: ContinuousClock.now, isShown: false))

  func show(_ text: String) {
    state.withLock { state in
      let now = ContinuousClock.now
      guard isTerminal || now - state.last >= .seconds(5) else { return }
      state = (now, isTerminal)
      FileHandle.standardError.write(Data((isTerminal ? "\r\(text)\u{1B}[K" : text + "\n").utf8))
    }
  }

  /// Makes room for other lines.
  func clear() {
    state.withLock { state in
      if state.isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      state.isShown = false
    }
  }
}
