import CKernels

/// A linear layer in 8 bits by our own kernel: `kess_int8_linear`.
final class QuantizedLinear: LinearKernel, @unchecked Sendable {
  // Unchecked because of the pointer; the memory is written in `init` only.

  private let quantization: WeightQuantization
  /// The kernel takes four inputs at once: another number of them gets zeros more.
  private let stride: Int
  /// [panels][stride / 4][panel width][4]
  private let panels: UnsafeMutablePointer<Int8>

  init(_ weight: Tensor<Float>, _ bias: [Float]) {
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    let stride = (inputs + 3) & ~3
    let panelWidth = Int(KESS_INT8_PANEL)
    let count = (outputs + panelWidth - 1) / panelWidth * panelWidth * stride
    self.stride = stride
    (quantization, panels) = WeightQuantization.apply(to: weight, bias) { numbers in
      let panels = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        .bindMemory(to: Int8.self, capacity: count)
      kess_int8_pack(numbers, panels, inputs, outputs)
      return panels
    }
  }

  deinit { panels.deallocate() }

  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
    finish: LinearFinish, workspace: LinearWorkspace
  ) {
    quantization.quantize(
      input, rows: rows, stride: stride, finish: finish, workspace: workspace
    ) {
      kess_int8_linear($0, panels, output, rows, stride, quantization.outputs, $1)
    }
  }
}
