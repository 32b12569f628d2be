import CKernels

/// A linear layer by oneDNN in 32-bit floats or bfloat16, the bias and what
/// follows it fused into the product.
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
