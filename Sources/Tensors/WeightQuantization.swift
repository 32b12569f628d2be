import CKernels

/// How a linear layer's 8-bit numbers relate to its weights and inputs: one symmetric
/// scale an output, and for the inputs a scale and a zero point a row, taken from the
/// row itself.
struct WeightQuantization: Sendable {
  let inputs: Int
  let outputs: Int
  private let bias: [Float]
  private let scales: [Float]
  /// The sums of each output's numbers: what a zero point of 1 adds.
  private let sums: [Float]

  /// Rounds the weights.
  ///
  /// - Parameter pack: gets their numbers, [outputs, inputs], from -127 to 127.
  static func apply<Packed>(
    to weight: Tensor<Float>, _ bias: [Float], pack: ([Int8]) throws -> Packed
  ) rethrows -> (WeightQuantization, Packed) {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    var numbers = [Int8](repeating: 0, count: weight.count)
    var scales = [Float](repeating: 0, count: outputs)
    var sums = [Float](repeating: 0, count: outputs)
    weight.scalars.withAddress {
      kess_quantize_weights($0, &numbers, &scales, &sums, inputs, outputs)
    }
    let quantization = WeightQuantization(
      inputs: inputs, outputs: outputs, bias: bias, scales: scales, sums: sums)
    return (quantization, try pack(numbers))
  }

  /// Calls `body` with what turns the integer products of rounded rows into the layer's
  /// output.
  ///
  /// - Parameters:
  ///   - scale: One a row.
  ///   - zero: One a row.
  func withFinish(
    _ finish: LinearFinish, scale: UnsafePointer<Float>, zero: UnsafePointer<Float>,
    _ body: (UnsafePointer<kess_finish>) throws -> Void
  ) rethrows {
    try bias.withAddress { bias in
      try scales.withAddress { scales in
        try sums.withAddress { sums in
          var kernel = finish.kernelFinish(bias: bias)
          kernel.row_scale = scale
          kernel.row_zero = zero
          kernel.column_scale = scales
          kernel.column_sum = sums
          try body(&kernel)
        }
      }
    }
  }
}
