/// Finds the weights in what a checkpoint's pickle built: the dictionary of names
/// and tensors itself, or one inside a training checkpoint (`{"epoch": 3,
/// "state_dict": {...}}`), or the attributes of a TorchScript module.
struct StateDictionary {
  private typealias Failure = PickleMachine.Failure

  /// Where training scripts keep the weights, the likeliest first.
  static let usualKeys = ["state_dict", "model_state_dict", "model", "module", "net", "weights"]
  private static let maximumDepth = 64

  let heap: PickleHeap

  /// The names of the weights with their places in the heap's views; where a name
  /// is given twice the last counts, as in Python.
  ///
  /// - Throws: `PickleMachine.Failure` where there are none, or more than one set.
  func tensors(in root: PickleValue) throws -> [String: Int] {
    var current = root
    for _ in 0..<8 {
      guard case .dictionary(let place) = current else {
        throw Failure(
          found: "\(current.kind) at the top, expected a state_dict", isDamage: false)
      }
      if heap.dictionaries[place].isModule { return try attributes(of: place) }
      let inner = named(place) { if case .dictionary = $0 { true } else { false } }
      let own = named(place) { if case .tensor = $0 { true } else { false } }
      if let key = Self.usualKeys.first(where: { inner[$0] != nil }), let value = inner[key] {
        current = value
      } else if !own.isEmpty {
        return own.compactMapValues { if case .tensor(let view) = $0 { view } else { nil } }
      } else if inner.count == 1, let value = inner.values.first {
        current = value
      } else {
        throw Failure(
          found: inner.isEmpty
            ? "a dictionary without tensors"
            : "the dictionaries \(inner.keys.sorted().prefix(8).joined(separator: ", ")), "
              + "expected one of them to be called state_dict", isDamage: false)
      }
    }
    throw Failure(found: "dictionaries more than 8 deep", isDamage: false)
  }

  private func named(_ place: Int, _ isWanted: (PickleValue) -> Bool) -> [String: PickleValue] {
    var found: [String: PickleValue] = [:]
    for (key, value) in heap.dictionaries[place].pairs {
      guard case .string(let name) = key else { continue }
      found[name] = isWanted(value) ? value : nil
    }
    return found
  }

  /// The tensors of a module and its submodules, their names joined by dots.
  private func attributes(of root: Int) throws -> [String: Int] {
    var tensors: [String: Int] = [:]
    var open = [(place: root, prefix: "", depth: 0)]
    var visited = 0
    while let (place, prefix, depth) = open.popLast() {
      visited += heap.dictionaries[place].pairs.count
      guard depth < Self.maximumDepth, visited <= PickleMachine.maximumValues else {
        throw Failure(found: "modules that hold each other")
      }
      for (key, value) in heap.dictionaries[place].pairs {
        guard case .string(let name) = key else { continue }
        switch value {
        case .tensor(let view): tensors[prefix + name] = view
        case .dictionary(let inner) where heap.dictionaries[inner].isModule:
          open.append((inner, prefix + name + ".", depth + 1))
        default: continue
        }
      }
    }
    guard !tensors.isEmpty else { throw Failure(found: "a module without tensors") }
    return tensors
  }
}
