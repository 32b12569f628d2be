/// Lets one task at a time ask one question: the next finds the answer in the
/// ledger.
actor RequestsInFlight {
  private var keys: Set<String> = []
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Waits until nobody asks this question. Each `enter` needs its `leave`.
  func enter(_ key: String) async {
    while keys.contains(key) {
      await withCheckedContinuation { waiting[key, default: []].append($0) }
    }
    keys.insert(key)
  }

  func leave(_ key: String) {
    keys.remove(key)
    for continuation in waiting.removeValue(forKey: key) ?? [] { continuation.resume() }
  }
}
