import Records

/// Holds training videos out for choosing weights, never test videos.
public enum ValidationSplit {
  /// Moves whole groups (scenes), in a seeded order, until the held-out part has
  /// `fraction` of the normal and of the anomalous samples. A group moves only
  /// while its side still lacks some, and never the last group of a side.
  ///
  /// - Returns: both parts in the samples' own order.
  public static func carve(
    _ samples: [TrainingSample], fraction: Double, seed: UInt64
  ) -> (training: [TrainingSample], validation: [TrainingSample]) {
    precondition(0..<1 ~= fraction, "a fraction in [0, 1) needed")
    var generator = SeededGenerator(seed: seed, purpose: "validation split")
    let groups = Dictionary(grouping: samples, by: \.group)
    let wanted = [false, true].map { side in
      Int((Double(samples.filter { $0.isAnomalous == side }.count) * fraction).rounded())
    }
    var held = [0, 0]
    var remaining = [false, true].map { side in samples.filter { $0.isAnomalous == side }.count }
    var chosen: Set<String> = []
    for name in groups.keys.sorted().shuffled(using: &generator) {
      let counts = [false, true].map { side in
        groups[name]?.filter { $0.isAnomalous == side }.count ?? 0
      }
      let isWanted = (0...1).contains { counts[$0] > 0 && held[$0] < wanted[$0] }
      let leavesSome = (0...1).allSatisfy { remaining[$0] == 0 || remaining[$0] > counts[$0] }
      guard isWanted, leavesSome else { continue }
      chosen.insert(name)
      for side in 0...1 {
        held[side] += counts[side]
        remaining[side] -= counts[side]
      }
    }
    return (
      samples.filter { !chosen.contains($0.group) }, samples.filter { chosen.contains($0.group) }
    )
  }
}
