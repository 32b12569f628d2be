import CKernels

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

  /// This layer, the activation, and `next`: what is between is never written as floats.
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
