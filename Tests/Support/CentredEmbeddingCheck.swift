/// Whether embeddings equal a reference's, judged about the reference's mean.
///
/// Random encoders give different inputs vectors that agree to 0.99, so that a
/// cosine cannot tell right from wrong. Here the mean reference row is taken off
/// both sides first; then each row's relative L2 error must be small and its
/// nearest neighbour (by cosine, among the other rows) the same.
public struct CentredEmbeddingCheck: Sendable {
  /// The largest relative L2 error of a row that passes.
  public static let tolerance = 1e-4
  /// How much nearer, by the reference's centred cosine, one neighbour must be than
  /// another for the two to be told apart.
  ///
  /// PyTorch's own bfloat16 confuses neighbours up to 0.0073 apart on the rows of
  /// CLIPFullShapeTests: what is nearer together than that is a tie for it.
  public static let tieMargin = 0.01
  /// The fewest rows that make a meaningful mean.
  public static let fewestRows = 64

  /// What a comparison found.
  public struct Report: Sendable, CustomStringConvertible {
    /// The relative L2 error of each row; infinite where it is not a number.
    public var errors: [Double]
    /// The rows whose nearest neighbour is another than the reference's.
    public var movedNeighbours: [Int]
    /// Those of them whose new neighbour is farther from them, in the reference, than
    /// the right one by more than `tieMargin`: no tie explains it.
    public var lostNeighbours: [Int]

    /// The rows that fail for either reason, in order.
    public var failingRows: [Int] {
      let moved = Set(movedNeighbours)
      return errors.indices.filter {
        !(errors[$0] <= CentredEmbeddingCheck.tolerance) || moved.contains($0)
      }
    }

    public var passes: Bool { failingRows.isEmpty }

    public var description: String {
      "\(errors.count) rows, largest error \(errors.max() ?? 0), "
        + "\(failingRows.count) fail, \(movedNeighbours.count) with another neighbour, "
        + "\(lostNeighbours.count) of them no tie"
    }
  }

  private let mean: [Double]
  private let reference: [[Double]]
  private let neighbours: [Int]

  /// - Precondition: at least `fewestRows` rows of one width, not all the same.
  public init(reference rows: [[Float]]) {
    precondition(rows.count >= Self.fewestRows, "\(rows.count) rows are too few")
    var mean = [Double](repeating: 0, count: rows[0].count)
    for row in rows {
      precondition(row.count == mean.count, "rows of \(row.count) and \(mean.count)")
      for column in mean.indices { mean[column] += Double(row[column]) / Double(rows.count) }
    }
    self.mean = mean
    reference = rows.map { Self.centred($0, mean) }
    neighbours = Self.nearest(reference)
    precondition(reference.allSatisfy { Self.length($0) > 0 }, "a row that is the mean itself")
  }

  /// Compares rows with the reference's, one for one.
  ///
  /// - Precondition: as many rows as the reference has, of its width.
  public func compare(_ rows: [[Float]]) -> Report {
    precondition(rows.count == reference.count, "\(rows.count) rows for \(reference.count)")
    let centred = rows.map { Self.centred($0, mean) }
    let errors = zip(centred, reference).map { row, expected in
      let error = Self.length(zip(row, expected).map { $0 - $1 }) / Self.length(expected)
      return error.isNaN ? .infinity : error
    }
    let found = Self.nearest(centred)
    let moved = found.indices.filter { found[$0] != neighbours[$0] }
    let lost = moved.filter { row in
      // No neighbour at all is what numbers that are not finite give.
      guard found[row] >= 0 else { return true }
      let best = Self.cosine(reference[row], reference[neighbours[row]])
      return best - Self.cosine(reference[row], reference[found[row]]) > Self.tieMargin
    }
    return Report(errors: errors, movedNeighbours: moved, lostNeighbours: lost)
  }

  /// The mean cosine between different reference rows, not centred: near 1 where
  /// a plain cosine would be no test.
  public static func meanCosine(_ rows: [[Float]]) -> Double {
    let unit = rows.map { row -> [Double] in
      let values = row.map(Double.init)
      let length = Self.length(values)
      return values.map { $0 / length }
    }
    var total = 0.0
    for (index, row) in unit.enumerated() {
      for other in unit[..<index] { total += zip(row, other).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return total / Double(max(1, rows.count * (rows.count - 1) / 2))
  }

  private static func centred(_ row: [Float], _ mean: [Double]) -> [Double] {
    precondition(row.count == mean.count, "a row of \(row.count) for \(mean.count)")
    return zip(row, mean).map { Double($0) - $1 }
  }

  private static func length(_ row: [Double]) -> Double {
    row.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func cosine(_ one: [Double], _ other: [Double]) -> Double {
    zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } / (length(one) * length(other))
  }

  private static func nearest(_ rows: [[Double]]) -> [Int] {
    let lengths = rows.map(length)
    return rows.indices.map { row in
      var best = (index: -1, cosine: -Double.infinity)
      for other in rows.indices where other != row {
        var dot = 0.0
        for column in rows[row].indices { dot += rows[row][column] * rows[other][column] }
        let cosine = dot / (lengths[row] * lengths[other])
        if cosine > best.cosine { best = (other, cosine) }
      }
      return best.index
    }
  }
}
