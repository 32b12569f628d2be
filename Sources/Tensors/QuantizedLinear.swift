import CKernels

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
