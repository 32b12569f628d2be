/// Shares requests out among endpoints that serve one model: each goes to the one
/// with the fewest under way, and belongs to it for one exchange only, so that no
/// request waits behind a slow endpoint while another is free.
///
/// An endpoint has its own limit, its own health and its own pause. One that does
/// not answer is looked at until it does; while all are lost, everybody waits.
public actor EndpointPool {
  public nonisolated let options: EndpointPoolOptions
  private var members: [Member]
  private var waiters: [Waiter] = []
  private var lastWaiter: UInt64 = 0
  private var lostReason: String?
  private var isDraining = false

  /// An endpoint and the model that it must serve.
  public struct Place: Sendable {
    public let server: ModelServer
    public let model: String
    /// Why it cannot be asked yet; nil where it can.
    public let absence: String?

    public init(server: ModelServer, model: String, absence: String? = nil) {
      self.server = server
      self.model = model
      self.absence = absence
    }
  }

  private struct Member {
    let place: Place
    var limit: ConcurrencyLimit
    var standing = EndpointState.Standing.ready
    var outstanding = 0
    var begun = 0
    var failuresInARow = 0
    /// Counts the pauses, so that an old one's end does not end a new one.
    var pauses = 0
    /// After a pause one request tries first.
    var isOnTrial = false
    var losses = 0
    var secondsLost = 0.0
    var probe: Task<String?, Never>?
    /// Who waits to have it alone.
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
    members = places.map { Member(place: $0, limit: ConcurrencyLimit(options.concurrency)) }
  }

  /// Begins to look for the endpoints that were absent at the start.
  public func start() {
    for index in members.indices where members[index].standing != .lost {
      if let reason = members[index].place.absence { lose(index, reason: reason) }
    }
  }

  /// How the endpoints stand, in their order.
  public var states: [EndpointState] {
    members.map {
      EndpointState(
        endpoint: $0.endpoint, standing: $0.standing, outstanding: $0.outstanding,
        limit: $0.limit.value)
    }
  }

  /// How many wait for a lease.
  public var waitingCount: Int { waiters.count }

  /// Whether another endpoint than this one can be asked now.
  public func hasAlternative(to lease: EndpointLease) -> Bool {
    members.indices.contains { $0 != lease.index && members[$0].standing == .ready }
  }

  /// Waits for an endpoint with room.
  ///
  /// - Parameters:
  ///   - alone: nothing else may run there meanwhile: for a request that is
  ///     suspected of ending servers.
  ///   - avoided: the endpoint that is taken only where there is no other.
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

  /// Whether the endpoint of an exchange that broke is gone: it was found so by
  /// another, it was lost and came back meanwhile, or a look at it says so now.
  public func isLost(_ lease: EndpointLease) async -> Bool {
    let index = lease.index
    if members[index].standing == .lost || members[index].losses > lease.losses { return true }
    let probe =
      members[index].probe
      ?? Task { [place = members[index].place] in await Self.absence(of: place) }
    members[index].probe = probe
    let absence = await probe.value
    if members[index].probe == probe { members[index].probe = nil }
    guard let absence else { return members[index].losses > lease.losses }
    if members[index].standing != .lost && members[index].losses == lease.losses {
      lose(index, reason: absence)
    }
    return true
  }

  /// While it drains nobody gets a lease, and nobody waits for one: what is under way
  /// comes to its end, and nothing else begins.
  public func drain(_ isDraining: Bool) {
    self.isDraining = isDraining
    admit()
  }

  // MARK: - Sharing out

  private func withdraw(_ id: UInt64) {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: place).continuation.resume(throwing: CancellationError())
    for index in members.indices where members[index].reservedFor == id {
      members[index].reservedFor = nil
    }
    admit()
  }

  private func admit() {
    if isDraining { return failWaiters(CancellationError()) }
    if let lostReason, members.allSatisfy({ $0.standing == .lost }) {
      return failWaiters(ServerFailure.unreachable(reason: lostReason))
    }
    // Who must be alone comes first: an endpoint is emptied for it.
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
    members[index].outstanding += 1
    members[index].begun += 1
    if alone {
      members[index].reservedFor = nil
      members[index].isHeldAlone = true
    }
    return EndpointLease(
      index: index, isAlone: alone,
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

  // MARK: - Health

  private func noteHealthy(_ index: Int) {
    members[index].failuresInARow = 0
    members[index].isOnTrial = false
  }

  private func noteFailure(of lease: EndpointLease) {
    let index = lease.index
    members[index].limit.failed(lease.number)
    guard members[index].standing == .ready else { return }
    members[index].failuresInARow += 1
    let failures = members[index].failuresInARow
    if failures >= options.failuresBeforeCooldown {
      pause(index, seconds: options.cooldownSeconds(failures: failures))
    }
  }

  private func pause(_ index: Int, seconds: Double) {
    guard members[index].standing != .lost, seconds > 0 else { return }
    if members[index].standing == .ready {
      options.onEvent(.cooling(endpoint: members[index].endpoint, seconds: seconds))
    }
    members[index].standing = .cooling
    members[index].pauses += 1
    let pause = members[index].pauses
    Task {
      try? await options.sleep(seconds)
      endPause(index, pause)
    }
  }

  private func endPause(_ index: Int, _ pause: Int) {
    guard members[index].standing == .cooling, members[index].pauses == pause else { return }
    members[index].standing = .ready
    members[index].isOnTrial = true
    admit()
  }

  private func lose(_ index: Int, reason: String) {
    members[index].standing = .lost
    members[index].losses += 1
    members[index].secondsLost = 0
    // Who wanted it alone may have another.
    members[index].reservedFor = nil
    options.onEvent(.lost(endpoint: members[index].endpoint, reason: reason))
    Task { await search(index, reason: reason) }
    admit()
  }

  /// Looks for a lost endpoint until it answers, or until all are given up.
  private func search(_ index: Int, reason: String) async {
    var reason = reason
    var pauseSeconds = 1.0
    while lostReason == nil {
      do { try await options.sleep(pauseSeconds) } catch { return }
      members[index].secondsLost += pauseSeconds
      pauseSeconds = min(options.probeCapSeconds, pauseSeconds * 2)
      guard let absence = await Self.absence(of: members[index].place) else {
        return find(index)
      }
      reason = absence
      if members.allSatisfy({
        $0.standing == .lost && $0.secondsLost >= options.patienceSeconds
      }) {
        lostReason = reason
        admit()
      }
    }
  }

  private func find(_ index: Int) {
    options.onEvent(
      .back(endpoint: members[index].endpoint, afterSeconds: members[index].secondsLost))
    members[index].standing = .ready
    members[index].limit.restart()
    noteHealthy(index)
    admit()
  }

  /// Why an endpoint cannot be asked, or nil: it must answer and serve the model.
  private static func absence(of place: Place) async -> String? {
    do {
      _ = try await place.server.model(named: place.model)
      return nil
    } catch ServerFailure.unreachable(let reason), ServerFailure.loading(let reason) {
      return reason
    } catch {
      return "it does not serve '\(place.model)' any more (\(error))"
    }
  }
}
