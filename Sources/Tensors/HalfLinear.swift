import CKernels

/// A linear layer in half precision, by our own kernel: `kess_f16_linear`.
final class HalfLinear: LinearKernel, @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  private let inputs: Int
  /// The kernel takes two inputs at once: an odd number gets a zero more.
  private let evenInputs: Int
  private let outputs: Int
  /// [panels][evenInputs / 2][panel width][2]
  private let panels: UnsafeMutablePointer<UInt16>
  private let bias: [Float]

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    inputs = weight.shape[1]
    evenInputs = (inputs + 1) & ~1
    outputs = weight.shape[0]
    self.bias = bias
    let panelWidth = Int(KESS_F16_PANEL)
    let panelCount = (outputs + panelWidth - 1) / panelWidth
    let count = panelCount * evenInputs * panelWidth
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count * 2, alignment: 64)
    panels = memory.bindMemory(to: UInt16.self, capacity: count)
    weight.scalars.withAddress { kess_f16_pack($0, panels, inputs, outputs) }
  }

  deinit { panels.deallocate() }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    let converted = workspace.input(rows * evenInputs, of: UInt16.self)
    if evenInputs == inputs {
      kess_convert_to_f16(input, converted, rows * inputs)
    } else {
      for row in 0..<rows {
        kess_convert_to_f16(input + row * inputs, converted + row * evenInputs, inputs)
        converted[row * evenInputs + inputs] = 0
      }
    }
    bias.withAddress { bias in
      var kernel = finish.kernelFinish(bias: bias)
      kess_f16_linear(converted, panels, output, rows, evenInputs, outputs, &kernel)
    }
  }
}
