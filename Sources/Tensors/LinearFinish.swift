import CKernels

/// What a linear layer does with its products, in the same pass.
public enum LinearFinish: Sendable, Hashable {
  /// Adds the bias.
  case bias
  /// Adds the bias and applies the function.
  case activation(RowActivation)
  /// Adds the bias and what the output held before: a residual connection.
  case residual

  var kernelActivation: kess_activation {
    guard case .activation(let activation) = self else { return kess_activation_none }
    return switch activation {
    case .quickGELU: kess_activation_quick_gelu
    case .gelu: kess_activation_gelu
    case .relu: kess_activation_relu
    }
  }

  /// The C kernels' form, for products that are complete.
  func kernelFinish(bias: UnsafePointer<Float>) -> kess_finish {
    kess_finish(
      bias: bias, activation: kernelActivation, adds: self == .residual ? 1 : 0, row_scale: nil,
      row_zero: nil, column_scale: nil, column_sum: nil)
  }

  /// Finishes [rows, width] products on any processor; `output` may be
  /// `products` unless this is a residual.
  package func apply(
    _ products: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, rows: Int,
    width: Int, bias: UnsafePointer<Float>
  ) {
    for row in 0..<rows {
      let x = products + row * width
      let y = output + row * width
      switch self {
      case .bias: for column in 0..<width { y[column] = x[column] + bias[column] }
      case .residual: for column in 0..<width { y[column] += x[column] + bias[column] }
      case .activation(let activation):
        if y != x { y.update(from: x, count: width) }
        activation.apply(y, rows: 1, width: width, bias: bias)
      }
    }
  }
}
