import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: the first asks the work to drain, the second ends the
/// process at once with exit code 130. Files stay valid either way, because all
/// of them are written atomically.
public final class Interruption: Sendable {
  private let count = Mutex(0)
  private let actions = Mutex<[@Sendable () -> Void]>([])

  public init() {}

  /// Whether the work should stop admitting items.
  public var isDraining: Bool { count.withLock { $0 > 0 } }

  /// Runs `action` at the first signal.
  public func onDrain(_ action: @escaping @Sendable () -> Void) {
    actions.withLock { $0.append(action) }
  }

  /// Begins to listen, for as long as the process lives.
  public func listen(remark: String = "stopping after what is under way; again to stop now") {
    let queue = DispatchQueue(label: "interruption")
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [self] in
        let times = count.withLock { value in
          value += 1
          return value
        }
        if times > 1 { _exit(130) }
        Console.note(remark)
        for action in actions.withLock({ $0 }) { action() }
      }
      source.resume()
      sources.append(source)
    }
  }

  // Only keeps the sources alive: written by `listen`, once, and never read.
  private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []
}
