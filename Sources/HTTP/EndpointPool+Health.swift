/// The health of endpoints: pauses after failures, and the search for lost ones.
extension EndpointPool {
  /// Whether the endpoint of a broken exchange is gone: another exchange found so, it was
  /// lost and came back meanwhile, or a probe finds so now.
  public func isLost(_ lease: EndpointLease) async -> Bool {
    let index = lease.index
    if members[index].standing == .lost || members[index].losses > lease.losses { return true }
    let probe =
      members[index].probe
      ?? Task { [server = members[index].place.server, model = members[index].model] in
        await Self.look(at: server, for: model)
      }
    members[index].probe = probe
    let look = await probe.value
    if members[index].probe == probe { members[index].probe = nil }
    guard case .absent(let absence) = look else { return members[index].losses > lease.losses }
    if members[index].standing != .lost && members[index].losses == lease.losses {
      lose(index, reason: absence)
    }
    return true
  }

  func noteHealthy(_ index: Int) {
    members[index].failuresInARow = 0
    members[index].isOnTrial = false
  }

  func noteFailure(of lease: EndpointLease) {
    let index = lease.index
    members[index].limit.failed(lease.number)
    guard members[index].standing == .ready else { return }
    members[index].failuresInARow += 1
    let failures = members[index].failuresInARow
    if failures >= options.failuresBeforeCooldown {
      pause(index, seconds: options.cooldownSeconds(failures: failures))
    }
  }

  func pause(_ index: Int, seconds: Double) {
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

  func lose(_ index: Int, reason: String) {
    members[index].standing = .lost
    members[index].losses += 1
    members[index].secondsLost = 0
    // The waiter that needs an endpoint alone may get another.
    members[index].reservedFor = nil
    options.onEvent(.lost(endpoint: members[index].endpoint, reason: reason))
    Task { await search(index, reason: reason) }
    admit()
  }

  /// Probes a lost endpoint until it answers, or until all are given up.
  private func search(_ index: Int, reason: String) async {
    var reason = reason
    var pauseSeconds = 1.0
    while lostReason == nil {
      do { try await options.sleep(pauseSeconds) } catch { return }
      members[index].secondsLost += pauseSeconds
      pauseSeconds = min(options.probeCapSeconds, pauseSeconds * 2)
      let (server, model) = (members[index].place.server, members[index].model)
      switch await Self.look(at: server, for: model) {
      case .serves(let model): return find(index, serving: model)
      case .absent(let absence): reason = absence
      }
      if members.allSatisfy({
        $0.standing == .lost && $0.secondsLost >= options.patienceSeconds
      }) {
        lostReason = reason
        admit()
      }
    }
  }

  private func find(_ index: Int, serving model: String) {
    options.onEvent(
      .back(endpoint: members[index].endpoint, afterSeconds: members[index].secondsLost))
    members[index].model = model
    members[index].standing = .ready
    members[index].limit.restart()
    noteHealthy(index)
    admit()
  }

  /// The result of a probe.
  enum Look: Sendable {
    case serves(String)
    /// It does not answer, or does not serve the model.
    case absent(reason: String)
  }

  /// Asks whether an endpoint serves a model or, where the model is nil, which one.
  private static func look(at server: ModelServer, for model: String?) async -> Look {
    do {
      return .serves(try await server.model(named: model).id)
    } catch ServerFailure.unreachable(let reason), ServerFailure.loading(let reason) {
      return .absent(reason: reason)
    } catch {
      guard let model else { return .absent(reason: "it does not serve one model (\(error))") }
      return .absent(reason: "it does not serve '\(model)' any more (\(error))")
    }
  }
}
