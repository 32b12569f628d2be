import Tensors

/// Limits the length of the gradient of all parameters together.
public enum GradientClipping {
  /// The squared L2 norm of each parameter's gradient; 0 where a parameter has none.
  ///
  /// Sums are in double precision and in a fixed order, whatever the number of threads. One
  /// is finite exactly where all elements of a `Float` gradient are.
  public static func squaredNorms<Scalar>(_ parameters: [Variable<Scalar>]) -> [Double] {
    parameters.map { $0.gradient.map { squaredNorm($0.scalars) } ?? 0 }
  }

  /// Scales the gradients so that their common L2 norm is at most `maximumNorm`,
  /// as `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Parameter squaredNorms: of the same parameters, where they are known already.
  /// - Returns: the norm before.
  @discardableResult
  public static func clip<Scalar>(
    _ parameters: [Variable<Scalar>], maximumNorm: Double, squaredNorms: [Double]? = nil
  ) -> Double {
    let squares = squaredNorms ?? self.squaredNorms(parameters)
    let norm = squares.reduce(0, +).squareRoot()
    let factor = maximumNorm / (norm + 1e-6)
    if factor < 1 {
      for parameter in parameters {
        parameter.gradient = parameter.gradient.map { scaled($0, by: Scalar(factor)) }
      }
    }
    return norm
  }
}

private func squaredNorm<Scalar: TensorScalar>(_ x: [Scalar]) -> Double {
  var sums = [Double](repeating: 0, count: ElementChunks.count(of: x.count))
  x.withUnsafeBufferPointer { x in
    sums.withUnsafeMutableBufferPointer { sums in
      // Each chunk writes its own sum.
      nonisolated(unsafe) let (x, sums) = (x, sums)
      ElementChunks.forEach(of: x.count) { chunk, range in
        sums[chunk] = squares(x, range)
      }
    }
  }
  return sums.reduce(0, +)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func squares<Scalar: TensorScalar>(_ x: UnsafeBufferPointer<Scalar>, _ range: Range<Int>)
  -> Double
{
  var sum = 0.0
  for index in range { sum += Double(x[unchecked: index]) * Double(x[unchecked: index]) }
  return sum
}
