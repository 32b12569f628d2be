import Tensors

/// One stage of progressive convolutions: y = before + QuickGELU(LN(conv(x))). Inputs: before,
/// and x where it is another.
final class ConvolutionBlock: VideoBlock {
  private let convolution: TemporalConvolutionLayer<Float>
  private let norm: LayerNorm<Float>
  private let taps: TapProducts
  private let memory = Slab()
  private let weight, bias, gain, shift: UnsafeMutablePointer<Float>
  private var width: Int { taps.outputs }

  init(_ convolution: TemporalConvolutionLayer<Float>, norm: LayerNorm<Float>) {
    self.convolution = convolution
    self.norm = norm
    let shape = convolution.weight.shape
    taps = TapProducts(
      inputs: shape[1], outputs: shape[0], kernel: shape[2], dilation: convolution.dilation)
    var cursor = SlabCursor(memory.reserve(taps.count + 3 * taps.outputs + 64))
    weight = cursor.take(taps.count)
    (bias, gain, shift) = (
      cursor.take(taps.outputs), cursor.take(taps.outputs), cursor.take(taps.outputs)
    )
  }

  var outputWidth: Int { width }
  var parameters: [Variable<Float>] {
    [convolution.weight, convolution.bias, norm.weight, norm.bias]
  }
  var gradientCount: Int { taps.count + 3 * width }
  func keptCount(_ size: VideoSize) -> Int { size.rows * (width + 1) }
  func scratchCount(_ size: VideoSize) -> Int { size.rows * width }

  func prepare() {
    taps.pack(convolution.weight, into: weight)
    convolution.bias.copy(to: bias)
    norm.weight.copy(to: gain)
    norm.bias.copy(to: shift)
  }

  func forward(_ pass: BlockPass) {
    let (rows, standard) = (pass.rows, pass.kept)
    loops.fill_rows(pass.scratch, bias, rows, width)
    taps.add(
      pass.inputs[pass.inputs.count - 1], weight, to: pass.scratch, rows: rows, by: pass.products)
    loops.stage(
      pass.scratch, pass.inputs[0], gain, shift, standard, standard + rows * width, pass.output,
      rows, width, norm.epsilon)
  }

  func backward(_ pass: BlockPass) {
    let (rows, standard) = (pass.rows, pass.kept)
    let sums = pass.gradients
    let (dbias, dgain, dshift) = (
      sums + taps.count, sums + taps.count + width, sums + taps.count + 2 * width
    )
    loops.stage_gradient(
      pass.slope, standard, standard + rows * width, gain, shift, pass.scratch, dgain, dshift,
      dbias, rows, width)
    let last = pass.inputs.count - 1
    taps.addWeightGradient(
      pass.inputs[last], slope: pass.scratch, to: sums, rows: rows, by: pass.products)
    if let dx = pass.inputGradients[last] {
      taps.addInputGradient(weight, slope: pass.scratch, to: dx, rows: rows, by: pass.products)
    }
    if let before = pass.inputGradients[0] { loops.add(before, pass.slope, rows * width) }
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    let rest = sums + taps.count
    return [
      taps.unpack(sums, outputs: width), Tensor(shape: [width], copying: rest),
      Tensor(shape: [width], copying: rest + width),
      Tensor(shape: [width], copying: rest + 2 * width),
    ]
  }
}
