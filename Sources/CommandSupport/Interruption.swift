import Dispatch
import Foundation
import Pipeline

/// Turns Ctrl-C and SIGTERM into a stop signal. The first asks the work to drain, the second
/// ends the process at once with exit code 130. Files stay valid either way, because all of
/// them are written atomically.
package final class Interruption: Sendable {
  /// The signal for the stages.
  package let stop = StopSignal()

  package init() {}

  /// Whether no further items should be started.
  package var isDraining: Bool { stop.isRequested }

  /// Starts to listen, for as long as the process lives.
  package func listen(remark: String = "stopping after what is under way; again to stop now") {
    let queue = DispatchQueue(label: "interruption")
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [self] in
        if stop.isRequested { _exit(130) }
        Console.note(remark)
        stop.request()
      }
      source.resume()
      sources.append(source)
    }
  }

  // Only keeps the sources alive: written by `listen`, once, and never read.
  private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []
}
