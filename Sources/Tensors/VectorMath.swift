/// Lengths and angles of vectors. Sums run from the first element to the last.
///
/// There is one rule for vectors without a direction, whose length is zero or not finite:
/// they have no unit vector and no cosine (nil). Callers decide what that means for them.
public enum VectorMath {
  /// The inner product, summed in `Double`.
  ///
  /// - Precondition: the vectors have the same length.
  @inlinable
  public static func dot<Element: BinaryFloatingPoint>(_ first: [Element], _ second: [Element])
    -> Double
  {
    precondition(first.count == second.count, "vectors of different widths")
    var sum = 0.0
    for place in first.indices { sum += Double(first[place]) * Double(second[place]) }
    return sum
  }

  /// The Euclidean length, summed in `Double`.
  @inlinable
  public static func norm<Element: BinaryFloatingPoint>(_ vector: [Element]) -> Double {
    vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// The vector divided by its length, or nil where it has no direction.
  @inlinable
  public static func unit(_ vector: [Float]) -> [Float]? {
    unit(vector, arithmetic: Double.self)
  }

  /// The same where the sum and the quotients are computed in another type than `Double`.
  @inlinable
  public static func unit<Scalar: BinaryFloatingPoint>(
    _ vector: [Float], arithmetic: Scalar.Type
  ) -> [Float]? {
    let norm = vector.reduce(0) { $0 + Scalar($1) * Scalar($1) }.squareRoot()
    guard norm > 0, norm.isFinite else { return nil }
    return vector.map { Float(Scalar($0) / norm) }
  }

  /// The vector divided by its length, not rounded to `Float`; nil where it has no
  /// direction.
  @inlinable
  public static func doubleUnit(_ vector: [Float]) -> [Double]? {
    let norm = norm(vector)
    guard norm > 0, norm.isFinite else { return nil }
    return vector.map { Double($0) / norm }
  }

  /// The cosine of the angle between two vectors, -1 to 1 but for rounding; nil where one
  /// of them has no direction.
  ///
  /// - Precondition: the vectors have the same length.
  @inlinable
  public static func cosine(_ first: [Float], _ second: [Float]) -> Double? {
    let lengths = dot(first, first) * dot(second, second)
    guard lengths > 0, lengths.isFinite else { return nil }
    return dot(first, second) / lengths.squareRoot()
  }
}

extension Tensor where Scalar == Float {
  /// The means of runs of rows, [n, d] to [bounds.count − 1, d]: run i has the rows from
  /// `bounds[i]` up to `bounds[i + 1]`, or that first one alone where the two are equal. Sums run
  /// from the first row to the last.
  ///
  /// - Precondition: rank 2; bounds that do not fall, and end at n.
  public func rowMeans(between bounds: [Int]) -> Tensor {
    let width = shape[1]
    return Tensor(shape: [bounds.count - 1, width]) { means in
      scalars.withUnsafeBufferPointer { rows in
        for (segment, (start, bound)) in zip(bounds, bounds.dropFirst()).enumerated() {
          let end = max(bound, start + 1)
          for column in 0..<width {
            var sum: Float = 0
            for row in start..<end { sum += rows[row * width + column] }
            means[segment * width + column] = sum / Float(end - start)
          }
        }
      }
    }
  }
}
