import Foundation

/// Threads of their own, for work that blocks: decoding, encoding, waiting for another thread.
/// On a pool's threads it could take the last one from what it waits for.
public struct WorkThreads: Sendable {
  private let group = DispatchGroup()

  /// Runs `body` on each of `count` threads, from now on.
  public init(_ count: Int = 1, _ body: @escaping @Sendable () -> Void) {
    for _ in 0..<count {
      group.enter()
      let thread = Thread { [group] in
        body()
        group.leave()
      }
      // Codecs keep large buffers on the stack.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Blocks until all have ended.
  public func wait() { group.wait() }
}
