import CKernels

/// A linear layer in 8 bits: weights with one symmetric scale an output, inputs
/// with a scale and a zero point a row, taken from the row itself.
///
/// oneDNN 2.6 multiplies 8-bit inputs and weights but knows no scale a row, so that
/// a pass of ours turns its sums into numbers, with the bias and what follows.
struct QuantizedLinear: LinearKernel {
  private let inputs: Int
  private let outputs: Int
  private let weights: OneDNNWeights
  private let bias: [Float]
  /// One weight is about its scale times the 8-bit number.
  private let scales: [Float]
  /// The sums of each output's 8-bit weights: what a zero point of 1 adds.
  private let sums: [Float]

  init(_ weight: Tensor<Float>, _ bias: [Float]) throws {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    var numbers = [Int8](repeating: 0, count: weight.count)
    var scales = [Float](repeating: 0, count: outputs)
    var sums = [Float](repeating: 0, count: outputs)
    weight.scalars.withAddress {
      kess_quantize_weights($0, &numbers, &scales, &sums, inputs, outputs)
    }
    (self.inputs, self.outputs, self.bias) = (inputs, outputs, bias)
    (self.scales, self.sums) = (scales, sums)
    let shape = Self.shape(rows: OneDNNWeights.typicalRows, inputs: inputs, outputs: outputs)
    weights = try numbers.withUnsafeBytes {
      try OneDNNWeights($0.baseAddress!, .s8, for: shape)  // as many as the weights, not empty
    }
  }

  private static func shape(rows: Int, inputs: Int, outputs: Int) -> OneDNNProduct.Shape {
    OneDNNProduct.Shape(
      rows: rows, inner: inputs, columns: outputs, left: .u8, right: .s8,
      leftStrides: [inputs, 1], outputStrides: [outputs, 1])
  }

  /// So many rows at most are multiplied before they are finished: their products
  /// are still in a near cache then. A sequence of ViT-B/16 has 197.
  private static let mostRowsAtOnce = 200

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) throws {
    // Blocks of one size: a short one at the end would be slow, and a shape more.
    let blocks = (rows + Self.mostRowsAtOnce - 1) / Self.mostRowsAtOnce
    let step = (rows + blocks - 1) / blocks
    for first in stride(from: 0, to: rows, by: step) {
      try applyBlock(
        input + first * inputs, rows: min(step, rows - first),
        into: output + first * outputs, finish: finish, workspace: workspace)
    }
  }

  private func applyBlock(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) throws {
    let product = try OneDNNProduct.product(
      Self.shape(rows: rows, inputs: inputs, outputs: outputs), layout: weights.layout)
    let quantized = workspace.input(rows * inputs, of: UInt8.self)
    let (scale, zero) = workspace.rowScales(rows)
    kess_quantize_rows(input, quantized, scale, zero, rows, inputs)
    // A residual's output must survive the product.
    let products = finish == .residual ? workspace.products(rows * outputs) : output
    try product.execute(
      left: quantized, right: weights.data, bias: nil, into: products, workspace: workspace)
    bias.withAddress { bias in
      scales.withAddress { scales in
        sums.withAddress { sums in
          var kernel = finish.kernelFinish(bias: bias)
          kernel.row_scale = UnsafePointer(scale)
          kernel.row_zero = UnsafePointer(zero)
          kernel.column_scale = scales
          kernel.column_sum = sums
          kess_finish_rows(products, output, rows, outputs, &kernel)
        }
      }
    }
  }
}
