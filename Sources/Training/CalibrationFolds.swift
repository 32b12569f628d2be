import Records

/// Parts of the training videos, each of which is scored by a model trained on the others.
public enum CalibrationFolds {
  /// Deals whole groups (scenes), in a seeded order, so that parts have about equally many
  /// normal and abnormal videos; fewer parts where there are fewer groups of a side.
  ///
  /// - Returns: the samples by part, in their own order; empty where no two parts have both
  ///   sides in what is left without them.
  public static func deal(_ samples: [TrainingSample], parts: Int, seed: UInt64)
    -> [[TrainingSample]]
  {
    let groups = Dictionary(grouping: samples, by: \.group)
    func groupCount(_ side: Bool) -> Int {
      groups.values.count { $0.contains { $0.isAnomalous == side } }
    }
    let count = min(parts, groupCount(false), groupCount(true))
    guard count >= 2 else { return [] }
    var generator = SeededGenerator(seed: seed, purpose: "calibration folds")
    let order = groups.keys.sorted().shuffled(using: &generator)
      .map { (name: $0, samples: groups[$0] ?? []) }
      .enumerated().sorted {
        ($1.element.samples.count, $0.offset) < ($0.element.samples.count, $1.offset)
      }.map(\.element)
    var held = [[Int]](repeating: [0, 0], count: count)
    var part: [String: Int] = [:]
    for group in order {
      let sides = [false, true].map { side in group.samples.count { $0.isAnomalous == side } }
      let place =
        held.indices.min { a, b in
          func load(_ i: Int) -> (Int, Int) {
            (held[i][0] * sides[0] + held[i][1] * sides[1], held[i][0] + held[i][1])
          }
          return load(a) < load(b)
        } ?? 0
      part[group.name] = place
      for side in 0...1 { held[place][side] += sides[side] }
    }
    let folds = held.indices.map { place in samples.filter { part[$0.group] == place } }
    let isUsable = folds.allSatisfy { fold in
      !fold.isEmpty
        && [false, true].allSatisfy { side in
          samples.count { $0.isAnomalous == side } > fold.count { $0.isAnomalous == side }
        }
    }
    return isUsable ? folds : []
  }
}
