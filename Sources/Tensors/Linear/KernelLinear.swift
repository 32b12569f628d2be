import CKernels
import Foundation

/// A linear layer by OpenBLAS, for processors that oneDNN has no fast kernels for.
struct BLASLinear: LinearKernel {
  private let weight: Tensor<Float>
  private let bias: [Float]

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    self.weight = weight
    self.bias = bias
  }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let outputs = weight.shape[0]
    let inputs = weight.shape[1]
    let products = workspace.products(rows * outputs)
    weight.scalars.withAddress { weight in
      Float.gemm(
        transposeA: false, transposeB: true, m: rows, n: outputs, k: inputs, alpha: 1, a: input,
        lda: inputs, b: weight, ldb: inputs, beta: 0, c: products, ldc: outputs)
    }
    bias.withAddress {
      finish.apply(products, into: output, rows: rows, width: outputs, bias: $0)
    }
  }
}

/// A linear layer in half precision, by our own kernel: `kess_f16_linear`.
struct HalfLinear: LinearKernel {
  private let inputs: Int
  private let panels: PackedPanels
  private let bias: [Float]

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    self.inputs = inputs
    self.bias = bias
    panels = PackedPanels(words: (inputs + 1) / 2, outputs: outputs) { panels in
      weight.scalars.withAddress { kess_f16_pack($0, panels, inputs, outputs) }
    }
  }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let tiles = workspace.input(rows * panels.words, of: UInt32.self)
    kess_f16_tiles(input, tiles, rows, inputs)
    multiply(tiles, rows: rows, into: output, finish: finish)
  }

  /// Applies this layer, the activation and `next`; the values between are never written
  /// as floats.
  func apply(
    _ input: UnsafePointer<Float>, rows: Int, activation: RowActivation, next: HalfLinear,
    into output: UnsafeMutablePointer<Float>, finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let tiles = workspace.input(
      rows * (panels.words + next.panels.words), of: UInt32.self)
    let hidden = tiles + rows * panels.words
    kess_f16_tiles(input, tiles, rows, inputs)
    bias.withAddress { bias in
      var kernel = LinearFinish.activation(activation).kernelFinish(bias: bias)
      kess_f16_linear_tiles(
        tiles, panels.address, hidden, rows, panels.words, panels.outputs, &kernel)
    }
    next.multiply(hidden, rows: rows, into: output, finish: finish)
  }

  private func multiply(
    _ tiles: UnsafePointer<UInt32>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish
  ) {
    bias.withAddress { bias in
      var kernel = finish.kernelFinish(bias: bias)
      kess_f16_linear(tiles, panels.address, output, rows, panels.words, panels.outputs, &kernel)
    }
  }
}

/// A linear layer in 8 bits by our own kernel: `kess_int8_linear`.
struct QuantizedLinear: LinearKernel {
  private let quantization: WeightQuantization
  private let panels: PackedPanels

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    (quantization, panels) = WeightQuantization.apply(to: weight, bias) { numbers in
      PackedPanels(words: (inputs + 3) / 4, outputs: outputs) {
        kess_int8_pack(numbers, $0, inputs, outputs)
      }
    }
  }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let tiles = workspace.input(rows * panels.words, of: UInt32.self)
    let (scale, zero) = workspace.rowScales(rows)
    kess_int8_tiles(input, tiles, scale, zero, rows, quantization.inputs)
    quantization.withFinish(finish, scale: scale, zero: zero) {
      kess_int8_linear(
        tiles, panels.address, output, rows, panels.words, panels.outputs, $0)
    }
  }
}

/// The weights of a linear layer in the form that our kernels read: panels of words.
final class PackedPanels: @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  /// The number of words per row of inputs.
  let words: Int
  let outputs: Int
  let address: UnsafeMutablePointer<UInt32>

  /// - Parameter fill: gets the memory and packs the weights into it.
  init(words: Int, outputs: Int, fill: (UnsafeMutablePointer<UInt32>) -> Void) {
    self.words = words
    self.outputs = outputs
    let count = kess_panel_words(words, outputs)
    address = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: UInt32.self, capacity: count)
    fill(address)
  }

  deinit { address.deallocate() }
}

/// How a linear layer's 8-bit numbers relate to its weights and inputs: one symmetric
/// scale per output; for the inputs one scale and one zero point per row, computed from
/// the row itself.
struct WeightQuantization: Sendable {
  let inputs: Int
  let outputs: Int
  private let bias: [Float]
  private let scales: [Float]
  /// The sum of each output's numbers, which a zero point of 1 adds.
  private let sums: [Float]

  /// Rounds the weights.
  ///
  /// - Parameter pack: gets the rounded weights, [outputs, inputs], from -127 to 127.
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

  /// Calls `body` with the kernel's parameters for turning the integer products of rounded
  /// rows into the layer's output.
  ///
  /// - Parameters:
  ///   - scale: One per row.
  ///   - zero: One per row.
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

/// The features of the processor on which the choice of arithmetic depends.
public struct CPUFeatures: Sendable, Equatable, Codable {
  /// The extensions that some code path needs, by the Linux kernel's names.
  public enum Feature: String, Sendable, CaseIterable, Codable {
    case avx2
    case avx512f
    case avx512bw
    case avx512dq
    case avx512vl
    case avx512VNNI = "avx512_vnni"
    case avx512BF16 = "avx512_bf16"
    case avx512FP16 = "avx512_fp16"
    case amxBF16 = "amx_bf16"
    case amxInt8 = "amx_int8"
  }

  /// The processor's own name, such as `Intel(R) Xeon(R) Processor`.
  public var name: String
  /// The features that it has and the operating system enables, in the order of
  /// `Feature`.
  public var features: [Feature]

  public init(name: String, features: [Feature]) {
    self.name = name
    self.features = features
  }

  /// Reads the text of `/proc/cpuinfo`: its first processor. A text without
  /// x86 flags gives no features.
  ///
  /// - Parameter cap: the last feature, in the order of `Feature`, that is kept, in upper or
  ///   lower case; an unknown name keeps none, nil keeps all.
  public init(cpuInformation text: String, cap: String? = nil) {
    func value(_ key: String) -> String? {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
          return parts[1].trimmingCharacters(in: .whitespaces)
        }
      }
      return nil
    }
    let flags = Set((value("flags") ?? "").split(separator: " ").map(String.init))
    var allowed = Feature.allCases[...]
    if let cap {
      let last = allowed.firstIndex { $0.rawValue == cap.lowercased() }
      allowed = last.map { allowed[...$0] } ?? []
    }
    self.init(
      name: value("model name") ?? "unknown processor",
      features: allowed.filter { flags.contains($0.rawValue) })
  }

  /// This machine's processor, read once. `KESS_MAX_ISA=avx2` in the environment hides all
  /// later extensions from our own kernels and from the choice of arithmetic.
  ///
  /// oneDNN and OpenBLAS read the processor themselves; `ONEDNN_MAX_CPU_ISA=AVX2` and
  /// `OPENBLAS_CORETYPE=Haswell` cap these two.
  public static let current = CPUFeatures(
    cpuInformation: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "",
    cap: ProcessInfo.processInfo.environment["KESS_MAX_ISA"])

  public func has(_ feature: Feature) -> Bool { features.contains(feature) }

  /// Whether the AVX-512 kernels of CKernels run.
  var runsAVX512Kernels: Bool {
    has(.avx512f) && has(.avx512bw) && has(.avx512dq) && has(.avx512vl)
  }
}

/// Stored apart from the list, because every pass over rows asks for it.
let runsAVX512Kernels = CPUFeatures.current.runsAVX512Kernels
