import Tensors

/// Limits the length of the gradient of all parameters together.
public enum GradientClipping {
  /// Scales the gradients so that their common L2 norm is at most `maximumNorm`,
  /// as `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Returns: the norm before.
  @discardableResult
  public static func clip<Scalar>(_ parameters: [Variable<Scalar>], maximumNorm: Double) -> Double {
    let squares = parameters.compactMap(\.gradient).reduce(0.0) { $0 + squaredNorm($1.scalars) }
    let norm = squares.squareRoot()
    let factor = maximumNorm / (norm + 1e-6)
    if factor < 1 {
      for parameter in parameters {
        parameter.gradient = parameter.gradient.map { scaled($0, by: Scalar(factor)) }
      }
    }
    return norm
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func squaredNorm<Scalar: TensorScalar>(_ x: [Scalar]) -> Double {
  x.withUnsafeBufferPointer { x in
    var sum = 0.0
    for index in 0..<x.count { sum += Double(x[unchecked: index]) * Double(x[unchecked: index]) }
    return sum
  }
}
