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
    inputs = weight.shape[1]
    outputs = weight.shape[0]
    self.bias = bias
    let (numbers, scales) = Self.quantized(weight)
    self.scales = scales
    sums = (0..<weight.shape[0]).map { row in
      let width = weight.shape[1]
      return Float(numbers[row * width..<(row + 1) * width].reduce(0) { $0 + Int($1) })
    }
    let shape = Self.shape(rows: OneDNNWeights.typicalRows, inputs: inputs, outputs: outputs)
    weights = try numbers.withUnsafeBytes {
      try OneDNNWeights($0.baseAddress!, .s8, for: shape)  // as many as the weights, not empty
    }
  }

  /// Numbers from -127 to 127 and the scale of each row of a matrix.
  package static func quantized(_ weight: Tensor<Float>) -> (numbers: [Int8], scales: [Float]) {
    let width = weight.shape[1]
    var numbers = [Int8](repeating: 0, count: weight.count)
    var scales = [Float](repeating: 1, count: weight.shape[0])
    for row in scales.indices {
      let range = row * width..<(row + 1) * width
      let largest = weight.scalars[range].reduce(0) { max($0, abs($1)) }
      guard largest > 0, largest.isFinite else { continue }
      scales[row] = largest / 127
      for index in range {
        numbers[index] = Int8((weight.scalars[index] / scales[row]).rounded())
      }
    }
    return (numbers, scales)
  }

  private static func shape(rows: Int, inputs: Int, outputs: Int) -> OneDNNProduct.Shape {
    OneDNNProduct.Shape(
      rows: rows, inner: inputs, columns: outputs, left: .u8, right: .s8,
      leftStrides: [inputs, 1], outputStrides: [outputs, 1])
  }

  func apply(
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
