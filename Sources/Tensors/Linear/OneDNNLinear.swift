import CKernels

/// A linear layer by oneDNN in 32-bit floats or bfloat16, with the bias and the finish
/// fused into the product.
struct OneDNNLinear: LinearKernel {
  private let inputs: Int
  private let outputs: Int
  private let element: OneDNNProduct.Shape.Element
  private let weights: OneDNNWeights
  private let bias: [Float]

  init(
    _ weight: Tensor<Float>, _ bias: [Float], _ element: OneDNNProduct.Shape.Element
  ) throws {
    inputs = weight.shape[1]
    outputs = weight.shape[0]
    self.element = element
    self.bias = bias
    let shape = Self.shape(
      rows: OneDNNWeights.typicalRows, inputs: inputs, outputs: outputs, element, .bias)
    weights = try weight.scalars.withAddress { try OneDNNWeights($0, .f32, for: shape) }
  }

  private static func shape(
    rows: Int, inputs: Int, outputs: Int, _ element: OneDNNProduct.Shape.Element,
    _ finish: OneDNNProduct.Shape.Finish
  ) -> OneDNNProduct.Shape {
    OneDNNProduct.Shape(
      rows: rows, inner: inputs, columns: outputs, left: element, right: element,
      leftStrides: [inputs, 1], outputStrides: [outputs, 1], finish: finish)
  }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) throws {
    let following: OneDNNProduct.Shape.Finish =
      switch finish {
      case .bias: .bias
      case .residual: .residual
      case .activation(let activation): .activation(activation)
      }
    let product = try OneDNNProduct.product(
      Self.shape(rows: rows, inputs: inputs, outputs: outputs, element, following),
      layout: weights.layout)
    var left = UnsafeRawPointer(input)
    if element == .bf16 {
      let converted = workspace.input(rows * inputs, of: UInt16.self)
      kess_convert_to_bf16(input, converted, rows * inputs)
      left = UnsafeRawPointer(converted)
    }
    try bias.withAddress {
      try product.execute(
        left: left, right: weights.data, bias: $0, into: output, workspace: workspace)
    }
  }
}

/// A linear layer in 8 bits by oneDNN, for processors with AMX; the results are those of
/// `QuantizedLinear`.
///
/// oneDNN 2.6 multiplies 8-bit inputs and weights but has no scale per row. A pass of our
/// own therefore turns its sums into floats, with the bias and the finish.
package struct OneDNNQuantizedLinear: LinearKernel {
  private let quantization: WeightQuantization
  private let weights: OneDNNWeights

  /// Converts and packs the weights.
  ///
  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: one per output.
  /// - Throws: `TensorError.library`.
  package init(_ weight: Tensor<Float>, _ bias: [Float]) throws {
    let shape = Self.shape(
      rows: OneDNNWeights.typicalRows, inputs: weight.shape[1], outputs: weight.shape[0])
    (quantization, weights) = try WeightQuantization.apply(to: weight, bias) { numbers in
      try numbers.withUnsafeBytes {
        try OneDNNWeights($0.baseAddress!, .s8, for: shape)  // as many as the weights, not empty
      }
    }
  }

  private static func shape(rows: Int, inputs: Int, outputs: Int) -> OneDNNProduct.Shape {
    OneDNNProduct.Shape(
      rows: rows, inner: inputs, columns: outputs, left: .u8, right: .s8,
      leftStrides: [inputs, 1], outputStrides: [outputs, 1])
  }

  /// The most rows to multiply before they are finished, while their products are still in
  /// a near cache. A sequence of ViT-B/16 has 197.
  private static let mostRowsAtOnce = 200

  package func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) throws {
    // Blocks of one size: a short one at the end would be slow and one more shape.
    let blocks = (rows + Self.mostRowsAtOnce - 1) / Self.mostRowsAtOnce
    let step = (rows + blocks - 1) / blocks
    for first in stride(from: 0, to: rows, by: step) {
      try applyBlock(
        input + first * quantization.inputs, rows: min(step, rows - first),
        into: output + first * quantization.outputs, finish: finish, workspace: workspace)
    }
  }

  private func applyBlock(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) throws {
    let outputs = quantization.outputs
    let product = try OneDNNProduct.product(
      Self.shape(rows: rows, inputs: quantization.inputs, outputs: outputs),
      layout: weights.layout)
    // With a residual the product must not overwrite the output.
    let products = finish == .residual ? workspace.products(rows * outputs) : output
    let inputs = quantization.inputs
    let quantized = workspace.input(rows * inputs, of: UInt8.self)
    let (scale, zero) = workspace.rowScales(rows)
    kess_quantize_rows(input, quantized, scale, zero, rows, inputs)
    try product.execute(
      left: quantized, right: weights.data, bias: nil, into: products, workspace: workspace)
    quantization.withFinish(finish, scale: scale, zero: zero) {
      kess_finish_rows(products, output, rows, outputs, $0)
    }
  }
}
