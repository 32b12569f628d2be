import Tensors

/// y = x · weightᵀ + bias.
struct LinearWeights: Sendable {
  /// [outputs, inputs]
  var weight: Tensor<Float>
  /// [outputs]
  var bias: Tensor<Float>

  var inputs: Int { weight.shape[1] }
  var outputs: Int { weight.shape[0] }

  /// Writes x · weightᵀ for `rows` rows, or adds it to what is there; the bias
  /// is left to the caller's next pass over the output.
  func multiply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    adding: Bool = false
  ) {
    Self.multiply(input, rows: rows, by: weight, into: output, adding: adding)
  }

  /// Writes x · weightᵀ + bias for `rows` rows.
  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    bias.scalars.withUnsafeBufferPointer { bias in
      for row in 0..<rows {
        for column in 0..<outputs { output[row * outputs + column] = bias[column] }
      }
    }
    multiply(input, rows: rows, into: output, adding: true)
  }

  /// Adds x · weightᵀ + bias to `rows` rows: a residual connection.
  func accumulate(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    bias.scalars.withUnsafeBufferPointer { bias in
      for row in 0..<rows {
        for column in 0..<outputs { output[row * outputs + column] += bias[column] }
      }
    }
    multiply(input, rows: rows, into: output, adding: true)
  }

  /// x · weightᵀ for a weight [outputs, inputs] without a bias.
  static func multiply(
    _ input: UnsafePointer<Float>, rows: Int, by weight: Tensor<Float>,
    into output: UnsafeMutablePointer<Float>, adding: Bool = false
  ) {
    guard rows > 0, weight.count > 0 else { return }
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    weight.scalars.withUnsafeBufferPointer { scalars in
      Float.gemm(
        transposeA: false, transposeB: true, m: rows, n: outputs, k: inputs, alpha: 1,
        a: input, lda: inputs, b: scalars.baseAddress!,  // not empty: checked above
        ldb: inputs, beta: adding ? 1 : 0, c: output, ldc: outputs)
    }
  }
}

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
