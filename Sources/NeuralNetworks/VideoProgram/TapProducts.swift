import Tensors

/// A convolution along time as one product a tap, over the rows that have that neighbour; its
/// weights as [tap, out, in].
struct TapProducts {
  let inputs, outputs, kernel, dilation: Int

  var count: Int { kernel * outputs * inputs }

  /// Calls `body` with each tap's weights, its first input and output row, and its rows.
  private func forEach(
    _ rows: Int, _ body: (_ offset: Int, _ input: Int, _ output: Int, _ rows: Int) -> Void
  ) {
    for tap in 0..<kernel {
      let shift = (tap - kernel / 2) * dilation
      let first = max(0, -shift)
      let count = min(rows, rows - shift) - first
      if count > 0 { body(tap * outputs * inputs, first + shift, first, count) }
    }
  }

  /// y += the convolution of x.
  func add(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
    rows: Int, by products: Products
  ) {
    forEach(rows) { offset, from, to, count in
      products.multiply(
        count, outputs, inputs, x + from * inputs, inputs, weight + offset, inputs,
        y + to * outputs, outputs, transposeB: true, adds: true)
    }
  }

  /// dweight += its gradient.
  func addWeightGradient(
    _ x: UnsafePointer<Float>, slope: UnsafePointer<Float>, to dweight: UnsafeMutablePointer<Float>,
    rows: Int, by products: Products
  ) {
    forEach(rows) { offset, from, to, count in
      products.multiply(
        outputs, inputs, count, slope + to * outputs, outputs, x + from * inputs, inputs,
        dweight + offset, inputs, transposeA: true, adds: true)
    }
  }

  /// dx += its gradient.
  func addInputGradient(
    _ weight: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    to dx: UnsafeMutablePointer<Float>, rows: Int, by products: Products
  ) {
    forEach(rows) { offset, from, to, count in
      products.multiply(
        count, inputs, outputs, slope + to * outputs, outputs, weight + offset, inputs,
        dx + from * inputs, inputs, adds: true)
    }
  }

  /// [out, in, k] of a layer into outputs `row...` of the taps.
  func pack(_ weight: Variable<Float>, into taps: UnsafeMutablePointer<Float>, row: Int = 0) {
    let own = weight.shape[0]
    weight.value.scalars.withUnsafeBufferPointer { values in
      for output in 0..<own {
        for input in 0..<inputs {
          for tap in 0..<kernel {
            taps[(tap * outputs + row + output) * inputs + input] =
              values[(output * inputs + input) * kernel + tap]
          }
        }
      }
    }
  }

  /// The reverse, for so many outputs.
  func unpack(_ taps: UnsafePointer<Float>, row: Int = 0, outputs own: Int) -> Tensor<Float> {
    Tensor(shape: [own, inputs, kernel]) { values in
      for output in 0..<own {
        for input in 0..<inputs {
          for tap in 0..<kernel {
            values[(output * inputs + input) * kernel + tap] =
              taps[(tap * outputs + row + output) * inputs + input]
          }
        }
      }
    }
  }
}
