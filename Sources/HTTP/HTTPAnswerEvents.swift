import Foundation

/// An answer's events as they arrive, without the key that was sent with the request:
/// a proxy may say it back, and what a server says is logged.
public struct HTTPAnswerEvents: AsyncSequence {
  let events: AsyncThrowingStream<HTTPEvent, any Error>
  let key: APIKey?

  public func makeAsyncIterator() -> Iterator {
    Iterator(base: events.makeAsyncIterator(), key: key)
  }

  /// Passes the events on.
  public struct Iterator: AsyncIteratorProtocol {
    var base: AsyncThrowingStream<HTTPEvent, any Error>.Iterator
    let key: APIKey?
    private var filter: SecretFilter?
    private var end: HTTPTimings?

    init(base: AsyncThrowingStream<HTTPEvent, any Error>.Iterator, key: APIKey?) {
      self.base = base
      self.key = key
    }

    /// - Throws: `NetworkFailure`, `CancellationError`.
    public mutating func next() async throws -> HTTPEvent? {
      if let end {
        self.end = nil
        return .end(end)
      }
      guard let event = try await base.next() else { return nil }
      switch event {
      case .head(let head): filter = key?.filter(forStatus: head.status)
      case .body(let piece):
        if let passed = filter?.feed(piece) { return .body(passed) }
      case .end(let timings):
        if let rest = filter?.finish(), !rest.isEmpty {
          end = timings
          return .body(rest)
        }
      }
      return event
    }
  }
}
