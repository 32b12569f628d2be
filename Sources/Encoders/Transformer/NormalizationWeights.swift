import Tensors

/// The scale and offset of a layer normalisation.
struct NormalizationWeights: Sendable {
  var weight: Tensor<Float>
  var bias: Tensor<Float>
  var epsilon: Float

  /// Normalises `rows` rows; `output` may be `input`.
  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    weight.scalars.withUnsafeBufferPointer { scale in
      bias.scalars.withUnsafeBufferPointer { offset in
        guard let scale = scale.baseAddress, let offset = offset.baseAddress else { return }
        RowNormalization.apply(
          input, into: output, rows: rows, width: weight.count, weight: scale, bias: offset,
          epsilon: epsilon)
      }
    }
  }
}
