import Tensors

/// Figures over all pairs of rows, a block of rows against all at a time: memory
/// holds `blockRows` rows of cosines.
struct PairFigures {
  /// What is known of one row.
  struct RowFigures {
    var hasDuplicate = false
    var hasNearDuplicate = false
    /// Whether the nearest other row shares a class; nil without labels.
    var agrees: Bool?
  }

  static let blockRows = 256
  /// Equal vectors' cosine in single precision is not exactly 1.
  private static let equalCosine: Float = 0.99999

  private let classes: [Set<String>]
  private var rows: [RowFigures]
  private var sum = 0.0
  /// Sums and numbers of pairs of one class and of different ones.
  private var within = (sum: 0.0, pairs: 0)
  private var between = (sum: 0.0, pairs: 0)
  private var byClass: [String: (withinSum: Double, within: Int, otherSum: Double, other: Int)] =
    [:]

  /// - Parameter rows: of length 1 and of one width.
  init(rows vectors: [[Float]], classes: [Set<String>]) {
    self.classes = classes
    rows = Array(repeating: RowFigures(), count: vectors.count)
    guard vectors.count > 1 else { return }
    let matrix = Tensor(shape: [vectors.count, vectors[0].count], scalars: vectors.flatMap { $0 })
    for start in stride(from: 0, to: vectors.count, by: Self.blockRows) {
      let end = min(start + Self.blockRows, vectors.count)
      let block = matrix[rows: start..<end].matrixMultiplied(by: matrix, otherTransposed: true)
      for row in start..<end {
        take(
          block.scalars[(row - start) * vectors.count..<(row - start + 1) * vectors.count], of: row)
      }
    }
  }

  private mutating func take(_ cosines: ArraySlice<Float>, of row: Int) {
    var nearest = (cosine: -Float.infinity, row: -1)
    for (other, cosine) in cosines.enumerated() where other != row {
      if cosine > nearest.cosine { nearest = (cosine, other) }
      sum += Double(cosine)
      guard !classes[row].isEmpty, !classes[other].isEmpty else { continue }
      let isShared = !classes[row].isDisjoint(with: classes[other])
      if isShared {
        within.sum += Double(cosine)
        within.pairs += 1
      } else {
        between.sum += Double(cosine)
        between.pairs += 1
      }
      for name in classes[row] {
        var figures = byClass[name] ?? (0, 0, 0, 0)
        if classes[other].contains(name) {
          figures.withinSum += Double(cosine)
          figures.within += 1
        } else {
          figures.otherSum += Double(cosine)
          figures.other += 1
        }
        byClass[name] = figures
      }
    }
    rows[row].hasDuplicate = nearest.cosine >= Self.equalCosine
    rows[row].hasNearDuplicate = nearest.cosine >= TextFeatureQuality.nearDuplicateCosine
    if !classes[row].isEmpty, !classes[nearest.row].isEmpty {
      rows[row].agrees = !classes[row].isDisjoint(with: classes[nearest.row])
    }
  }

  func share(_ property: KeyPath<RowFigures, Bool>) -> Double {
    rows.isEmpty ? 0 : Double(rows.count { $0[keyPath: property] }) / Double(rows.count)
  }

  var meanCosine: Double {
    rows.count < 2 ? 0 : sum / Double(rows.count * (rows.count - 1))
  }

  var classFigures: [TextFeatureQuality.ClassFigures] {
    byClass.sorted { $0.key < $1.key }.map { name, figures in
      TextFeatureQuality.ClassFigures(
        name: name, videos: classes.count { $0.contains(name) },
        within: figures.within > 0 ? figures.withinSum / Double(figures.within) : nil,
        toOthers: figures.other > 0 ? figures.otherSum / Double(figures.other) : nil)
    }
  }

  var separation: Double? {
    guard within.pairs > 0, between.pairs > 0 else { return nil }
    return within.sum / Double(within.pairs) - between.sum / Double(between.pairs)
  }

  var neighbourAgreement: Double? {
    let known = rows.compactMap(\.agrees)
    return known.isEmpty ? nil : Double(known.count { $0 }) / Double(known.count)
  }

  /// The share of pairs that share a class.
  var neighbourChance: Double? {
    let pairs = within.pairs + between.pairs
    return pairs > 0 ? Double(within.pairs) / Double(pairs) : nil
  }
}
