/// Distributes requests among endpoints that serve one model. Each request goes to the
/// endpoint with the fewest in flight and holds it for one exchange only, so that no
/// request waits behind a slow endpoint while another is free.
///
/// Each endpoint has its own limit, health and pause. An endpoint that does not answer is
/// probed until it does; while all are lost, all requests wait.
public actor EndpointPool {
  public nonisolated let options: EndpointPoolOptions
  var members: [Member]
  private var waiters: [Waiter] = []
  private var lastWaiter: UInt64 = 0
  /// Why all endpoints were given up; nil otherwise.
  var lostReason: String?
  private var isDraining = false

  /// An endpoint and the model that it must serve.
  public struct Place: Sendable {
    public let server: ModelServer
    /// Nil for the model that it serves at its first answer.
    public let model: String?
    /// Why it cannot take requests yet; nil where it can.
    public let absence: String?

    /// - Parameter model: not nil for an endpoint that can take requests.
    public init(server: ModelServer, model: String?, absence: String? = nil) {
      precondition(model != nil || absence != nil, "an endpoint that answers has a model")
      self.server = server
      self.model = model
      self.absence = absence
    }
  }

  /// An endpoint and its state.
  struct Member {
    let place: Place
    /// The model that it must serve, once known.
    var model: String?
    var limit: ConcurrencyLimit
    var standing = EndpointState.Standing.ready
    var outstanding = 0
    var begun = 0
    var failuresInARow = 0
    /// Counts the pauses, so that the end of an old pause does not end a new one.
    var pauses = 0
    /// After a pause one request tries first.
    var isOnTrial = false
    var losses = 0
    var secondsLost = 0.0
    var probe: Task<Look, Never>?
    /// The waiter that needs it alone.
    var reservedFor: UInt64?
    var isHeldAlone = false

    var room: Int { isOnTrial ? 1 : limit.value }
    var endpoint: String { place.server.endpoint.base }
  }

  private struct Waiter {
    let id: UInt64
    let alone: Bool
    let avoided: Int?
    let continuation: CheckedContinuation<EndpointLease, any Error>
  }

  /// - Parameter places: at least one.
  public init(_ places: [Place], options: EndpointPoolOptions = EndpointPoolOptions()) {
    precondition(!places.isEmpty, "a pool of no endpoints")
    self.options = options
    members = places.map {
      Member(place: $0, model: $0.model, limit: ConcurrencyLimit(options.concurrency))
    }
  }

  /// Begins to probe the endpoints that were absent at the start. Call it before the
  /// first `acquire`.
  public func start() {
    for index in members.indices where members[index].standing != .lost {
      if let reason = members[index].place.absence { lose(index, reason: reason) }
    }
  }

  /// The states of the endpoints, in their order.
  public var states: [EndpointState] {
    members.map {
      EndpointState(
        endpoint: $0.endpoint, model: $0.model, standing: $0.standing, outstanding: $0.outstanding,
        limit: $0.limit.value)
    }
  }

  /// How many wait for a lease.
  package var waitingCount: Int { waiters.count }

  /// Whether another endpoint can take requests now.
  public func hasAlternative(to lease: EndpointLease) -> Bool {
    members.indices.contains { $0 != lease.index && members[$0].standing == .ready }
  }

  /// Waits for an endpoint with room for a request.
  ///
  /// - Parameters:
  ///   - alone: nothing else may run there meanwhile; for a request that may have crashed
  ///     a server.
  ///   - avoided: the endpoint to take only where there is no other.
  /// - Throws: `ServerFailure.unreachable` where all were lost for longer than the
  ///   patience; `CancellationError`, also while the pool drains.
  public func acquire(alone: Bool = false, avoiding avoided: Int? = nil) async throws
    -> EndpointLease
  {
    lastWaiter += 1
    let id = lastWaiter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // A cancellation that comes later waits for this actor, and finds the waiter.
        guard !Task.isCancelled else {
          return continuation.resume(throwing: CancellationError())
        }
        waiters.append(
          Waiter(id: id, alone: alone, avoided: avoided, continuation: continuation))
        admit()
      }
    } onCancel: {
      Task { await self.withdraw(id) }
    }
  }

  /// Gives a lease back.
  public func release(_ lease: EndpointLease, _ outcome: ExchangeOutcome) {
    let index = lease.index
    let wasFull = members[index].outstanding >= members[index].room
    members[index].outstanding -= 1
    if lease.isAlone { members[index].isHeldAlone = false }
    switch outcome {
    case .answered(let seconds, let tokens):
      members[index].limit.answered(
        lease.number, seconds: seconds, tokens: tokens, wasFull: wasFull)
      noteHealthy(index)
    case .refused: noteHealthy(index)
    case .busy(let retryAfterSeconds):
      noteFailure(of: lease)
      if let retryAfterSeconds {
        pause(index, seconds: min(retryAfterSeconds, options.cooldownCapSeconds))
      }
    case .failed: noteFailure(of: lease)
    case .cancelled: break
    }
    admit()
  }

  /// While the pool drains, nobody gets a lease or waits for one: exchanges in flight
  /// end, and no other begins.
  public func drain(_ isDraining: Bool) {
    self.isDraining = isDraining
    admit()
  }

  private func withdraw(_ id: UInt64) {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: place).continuation.resume(throwing: CancellationError())
    for index in members.indices where members[index].reservedFor == id {
      members[index].reservedFor = nil
    }
    admit()
  }

  /// Gives leases to the waiters that can have one now.
  func admit() {
    if isDraining { return failWaiters(CancellationError()) }
    if let lostReason, members.allSatisfy({ $0.standing == .lost }) {
      return failWaiters(ServerFailure.unreachable(reason: lostReason))
    }
    // Waiters that need an endpoint alone come first: one is emptied for them.
    for waiter in waiters where waiter.alone {
      guard !members.contains(where: { $0.reservedFor == waiter.id }),
        let index = freest(avoiding: waiter.avoided, orFull: true)
      else { continue }
      members[index].reservedFor = waiter.id
    }
    var left: [Waiter] = []
    for waiter in waiters {
      let index =
        waiter.alone
        ? members.indices.first {
          members[$0].reservedFor == waiter.id && members[$0].outstanding == 0
            && members[$0].standing == .ready
        } : freest(avoiding: waiter.avoided, orFull: false)
      guard let index else {
        left.append(waiter)
        continue
      }
      waiter.continuation.resume(returning: lease(index, alone: waiter.alone))
    }
    waiters = left
  }

  private func lease(_ index: Int, alone: Bool) -> EndpointLease {
    guard let model = members[index].model else {
      preconditionFailure("an endpoint is lent that has never answered")
    }
    members[index].outstanding += 1
    members[index].begun += 1
    if alone {
      members[index].reservedFor = nil
      members[index].isHeldAlone = true
    }
    return EndpointLease(
      index: index, model: model, isAlone: alone,
      number: members[index].limit.begin(), losses: members[index].losses)
  }

  private func freest(avoiding avoided: Int?, orFull: Bool) -> Int? {
    members.indices.filter { index in
      let member = members[index]
      return member.standing == .ready && member.reservedFor == nil && !member.isHeldAlone
        && (orFull || member.outstanding < member.room)
    }.min { first, second in
      let (one, other) = (members[first], members[second])
      return (first == avoided ? 1 : 0, one.outstanding, one.begun)
        < (second == avoided ? 1 : 0, other.outstanding, other.begun)
    }
  }

  private func failWaiters(_ error: any Error) {
    let failed = waiters
    waiters = []
    for index in members.indices { members[index].reservedFor = nil }
    for waiter in failed { waiter.continuation.resume(throwing: error) }
  }
}
