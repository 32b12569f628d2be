import Pipeline
import Synchronization

extension StageReporter {
  /// Reports to stderr: progress as a `ProgressLine`, everything else as lines of `Console`.
  package static func console() -> StageReporter {
    let current = Mutex<ProgressLine?>(nil)
    let status = StatusLine()
    return StageReporter { event in
      let line = current.withLock { $0 }
      if case .status(let text) = event { return status.show(text) }
      status.clear()
      switch event {
      case .began(let stage, let total, let itemName, let alreadyDone):
        let started = ProgressLine(
          stage, total: total, itemName: itemName, alreadyDone: alreadyDone)
        current.withLock { $0 = started }
      case .advanced(let count, let failed, let total, let item):
        line?.advance(by: count, failed: failed, of: total, item: item)
      case .reached(let share, let item): line?.reached(share, of: item)
      case .ended(let needsSummary):
        if needsSummary { line?.finish() } else { line?.clear() }
        current.withLock { $0 = nil }
      case .status: break
      case .note(let text): Console.note(text)
      case .warning(let text): Console.warning(text)
      case .failure(let text): Console.error(text)
      }
    }
  }
}
