/// y = x · weightᵀ + bias for inference, its weights held in the form that one
/// arithmetic needs.
public struct LinearLayer: Sendable {
  /// The width of a row of x.
  public let inputs: Int
  /// The width of a row of y.
  public let outputs: Int
  public let arithmetic: LinearArithmetic
  let kernel: any LinearKernel

  /// Converts and packs the weights, once.
  ///
  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: [outputs]; none is zeros.
  /// - Throws: `TensorError.library`.
  /// - Precondition: the processor runs `arithmetic`.
  public init(weight: Tensor<Float>, bias: Tensor<Float>? = nil, arithmetic: LinearArithmetic)
    throws
  {
    precondition(
      weight.rank == 2 && weight.count > 0, "a matrix needed, got \(weight.shape)")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "bias \(bias?.shape ?? []) for \(weight.shape)")
    precondition(arithmetic.runs(on: .current), "\(arithmetic) on \(CPUFeatures.current.name)")
    inputs = weight.shape[1]
    outputs = weight.shape[0]
    self.arithmetic = arithmetic
    let bias = bias?.scalars ?? [Float](repeating: 0, count: outputs)
    kernel = try Self.kernel(weight, bias, arithmetic)
  }

  private static func kernel(
    _ weight: Tensor<Float>, _ bias: [Float], _ arithmetic: LinearArithmetic
  ) throws -> any LinearKernel {
    switch arithmetic {
    case .f32 where OneDNN.isFast: try OneDNNLinear(weight, bias, .f32)
    case .f32: BLASLinear(weight, bias)
    case .f16: HalfLinear(weight, bias)
    case .bf16: try OneDNNLinear(weight, bias, .bf16)
    case .int8 where CPUFeatures.current.has(.amxInt8): try OneDNNQuantizedLinear(weight, bias)
    case .int8: QuantizedLinear(weight, bias)
    }
  }

  /// The same for tensors: [rows, inputs] to [rows, outputs].
  ///
  /// - Throws: `TensorError.library`.
  public func apply(
    _ input: Tensor<Float>, into output: inout Tensor<Float>, finish: LinearFinish = .bias,
    workspace: LinearWorkspace
  ) throws {
    precondition(
      input.rank == 2 && input.shape[1] == inputs
        && output.shape == [input.shape[0], outputs], "\(input.shape) to \(output.shape)")
    let rows = input.shape[0]
    guard rows > 0 else { return }
    try input.scalars.withAddress { input in
      try output.scalars.withUnsafeMutableBufferPointer { output in
        try apply(
          input, rows: rows, into: output.baseAddress!, finish: finish,  // not empty
          workspace: workspace)
      }
    }
  }

  /// Writes `rows` rows of `outputs`; `.residual` adds them to what is there.
  ///
  /// - Throws: `TensorError.library`.
  public func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish = .bias, workspace: LinearWorkspace
  ) throws {
    guard rows > 0 else { return }
    try kernel.apply(input, rows: rows, into: output, finish: finish, workspace: workspace)
  }
}

/// One way to compute a linear layer.
package protocol LinearKernel: Sendable {
  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace) throws
}

extension Array {
  /// The elements' address for a C call; `body` must not keep it.
  ///
  /// - Precondition: not empty.
  func withAddress<Result>(_ body: (UnsafePointer<Element>) throws -> Result) rethrows -> Result {
    precondition(!isEmpty)
    return try withUnsafeBufferPointer { try body($0.baseAddress!) }  // not empty
  }
}
