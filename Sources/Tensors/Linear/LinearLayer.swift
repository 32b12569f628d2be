import CKernels

/// The precision that a user requests for an encoder's linear layers.
public enum LinearPrecision: String, Sendable, CaseIterable, Codable {
  case f32
  /// 16-bit floats: half the memory, and faster where the processor has them.
  case bf16
  case int8
}

/// The arithmetic that computes a linear layer. The results are always 32-bit floats.
public enum LinearArithmetic: String, Sendable, CaseIterable, Codable {
  case f32
  /// bfloat16 weights and inputs, by oneDNN.
  case bf16
  /// Half-precision weights, inputs and sums: more exact than bfloat16, and on Intel
  /// processors without AMX four times as fast as their bfloat16 instruction.
  case f16
  /// 8-bit weights with one scale per output, 8-bit inputs with a scale and a zero point
  /// per row; by oneDNN where the processor has AMX.
  case int8

  /// The fastest arithmetic on this processor that is at least as exact as `precision`.
  ///
  /// bf16 uses AMX, else AVX-512 FP16, else AVX-512 BF16; int8 uses AVX-512 VNNI; without
  /// them the arithmetic is f32.
  public init(
    for precision: LinearPrecision, on processor: CPUFeatures = .current
  ) {
    let candidates: [LinearArithmetic] =
      switch precision {
      case .f32: [.f32]
      case .bf16: processor.has(.amxBF16) ? [.bf16, .f16, .f32] : [.f16, .bf16, .f32]
      case .int8: [.int8, .f32]
      }
    self = candidates.first { $0.runs(on: processor) } ?? .f32
  }

  /// Whether the processor has the instructions.
  public func runs(on processor: CPUFeatures) -> Bool {
    switch self {
    case .f32: true
    case .bf16: processor.runsAVX512Kernels && processor.has(.avx512BF16)
    case .f16: processor.runsAVX512Kernels && processor.has(.avx512FP16)
    case .int8: processor.runsAVX512Kernels && processor.has(.avx512VNNI)
    }
  }

  /// Whether this arithmetic fulfils `precision`: it is the requested one or f32.
  public func serves(_ precision: LinearPrecision) -> Bool {
    switch precision {
    case .f32: self == .f32
    case .bf16: self == .bf16 || self == .f16
    case .int8: self == .int8
    }
  }
}

/// y = x · weightᵀ + bias for inference, with weights in the form that one arithmetic
/// needs.
package struct LinearLayer: Sendable {
  /// The width of a row of x.
  package let inputs: Int
  /// The width of a row of y.
  package let outputs: Int
  package let arithmetic: LinearArithmetic
  let kernel: any LinearKernel

  /// Converts and packs the weights, once.
  ///
  /// - Parameters:
  ///   - weight: [outputs, inputs]
  ///   - bias: [outputs]; zeros where nil.
  /// - Throws: `TensorError.library`.
  /// - Precondition: the processor supports `arithmetic`.
  package init(weight: Tensor<Float>, bias: Tensor<Float>? = nil, arithmetic: LinearArithmetic)
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
  package func apply(
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

  /// Writes `rows` rows of `outputs`; `.residual` adds them to the output's content.
  ///
  /// - Throws: `TensorError.library`.
  package func apply(
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

/// The operation on a linear layer's products, in the same pass.
package enum LinearFinish: Sendable, Hashable {
  /// Adds the bias.
  case bias
  /// Adds the bias and applies the function.
  case activation(RowActivation)
  /// Adds the bias and the output's previous content: a residual connection.
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

/// Two linear layers with a function between them: a transformer's feed-forward network.
package struct FeedForwardLayers: Sendable {
  private let expansion: LinearLayer
  private let activation: RowActivation
  private let contraction: LinearLayer

  /// The width between the two layers.
  package var hiddenWidth: Int { expansion.outputs }

  /// - Precondition: the first layer's outputs are the second one's inputs.
  package init(expansion: LinearLayer, activation: RowActivation, contraction: LinearLayer) {
    precondition(
      expansion.outputs == contraction.inputs,
      "\(expansion.outputs) outputs to \(contraction.inputs) inputs")
    self.expansion = expansion
    self.activation = activation
    self.contraction = contraction
  }

  /// Adds its output to `rows` rows.
  ///
  /// - Parameters:
  ///   - input: [rows, expansion's inputs]
  ///   - hidden: memory for [rows, hiddenWidth].
  ///   - output: [rows, contraction's outputs]
  /// - Throws: `TensorError.library`.
  package func add(
    _ input: UnsafePointer<Float>, rows: Int, hidden: UnsafeMutablePointer<Float>,
    to output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    guard rows > 0 else { return }
    if let first = expansion.kernel as? HalfLinear, let second = contraction.kernel as? HalfLinear {
      first.apply(
        input, rows: rows, activation: activation, next: second, into: output,
        finish: .residual, workspace: workspace)
      return
    }
    try expansion.apply(
      input, rows: rows, into: hidden, finish: .activation(activation), workspace: workspace)
    try contraction.apply(
      hidden, rows: rows, into: output, finish: .residual, workspace: workspace)
  }
}
