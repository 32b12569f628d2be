/// The precision that a user asks for in an encoder's linear layers.
public enum LinearPrecision: String, Sendable, CaseIterable, Codable {
  case f32
  /// 16-bit floats: half the memory, and faster where the processor has them.
  case bf16
  case int8
}

/// How a linear layer is really computed. Sums leave as 32-bit floats in all of them.
public enum LinearArithmetic: String, Sendable, CaseIterable, Codable {
  case f32
  /// bfloat16 weights and inputs, by oneDNN.
  case bf16
  /// Half-precision weights, inputs and sums: more exact than bfloat16, and on Intel
  /// processors without AMX four times as fast as their bfloat16 instruction.
  case f16
  /// 8-bit weights with one scale an output, 8-bit inputs with a scale and a zero
  /// point a row; by oneDNN where there is AMX.
  case int8

  /// The fastest arithmetic on this processor that is at least as exact as `precision`.
  ///
  /// bf16 takes AMX, else AVX-512 FP16, else AVX-512 BF16; int8 takes AVX-512 VNNI;
  /// without them it is f32.
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

  /// Whether this is what `precision` promises, or the f32 that stands in for it.
  public func serves(_ precision: LinearPrecision) -> Bool {
    switch precision {
    case .f32: self == .f32
    case .bf16: self == .bf16 || self == .f16
    case .int8: self == .int8
    }
  }
}
