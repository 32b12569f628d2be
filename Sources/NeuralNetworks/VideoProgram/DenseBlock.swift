import Tensors

/// y = Σ x_i·W_iᵀ + b: a linear layer over inputs that lie side by side, which are never
/// joined.
final class DenseBlock: VideoBlock {
  private let layer: Linear<Float>
  private let widths: [Int]
  let outputWidth: Int
  private let weight, bias: UnsafeMutablePointer<Float>
  private let memory = Slab()

  init(_ layer: Linear<Float>, inputWidths: [Int]) {
    self.layer = layer
    widths = inputWidths
    outputWidth = layer.weight.shape[0]
    let total = inputWidths.reduce(0, +)
    precondition(layer.weight.shape[1] == total, "a layer of \(layer.weight.shape)")
    var cursor = SlabCursor(memory.reserve(outputWidth * (total + 1) + 32))
    weight = cursor.take(outputWidth * total)
    bias = cursor.take(outputWidth)
    bias.update(repeating: 0, count: outputWidth)
  }

  private var inputs: Int { widths.reduce(0, +) }

  var parameters: [Variable<Float>] { [layer.weight] + (layer.bias.map { [$0] } ?? []) }
  var gradientCount: Int { outputWidth * (inputs + 1) }
  func keptCount(_ size: VideoSize) -> Int { 0 }
  func scratchCount(_ size: VideoSize) -> Int { 0 }

  func prepare() {
    layer.weight.copy(to: weight)
    layer.bias?.copy(to: bias)
  }

  func forward(_ pass: BlockPass) {
    loops.fill_rows(pass.output, bias, pass.rows, outputWidth)
    var column = 0
    for (x, width) in zip(pass.inputs, widths) {
      pass.products.multiply(
        pass.rows, outputWidth, width, x, width, weight + column, inputs, pass.output,
        outputWidth, transposeB: true, adds: true)
      column += width
    }
  }

  func backward(_ pass: BlockPass) {
    let dweight = pass.gradients
    loops.add_rows(pass.slope, dweight + outputWidth * inputs, pass.rows, outputWidth)
    var column = 0
    for (index, width) in widths.enumerated() {
      pass.products.multiply(
        outputWidth, width, pass.rows, pass.slope, outputWidth, pass.inputs[index], width,
        dweight + column, inputs, transposeA: true, adds: true)
      if let dx = pass.inputGradients[index] {
        pass.products.multiply(
          pass.rows, width, outputWidth, pass.slope, outputWidth, weight + column, inputs, dx,
          width, adds: true)
      }
      column += width
    }
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    let weights = Tensor(shape: layer.weight.shape, copying: sums)
    guard layer.bias != nil else { return [weights] }
    return [weights, Tensor(shape: [outputWidth], copying: sums + outputWidth * inputs)]
  }
}

/// y = Σ x_i; of one input, a copy.
final class SumBlock: VideoBlock {
  let outputWidth: Int

  init(width: Int) { outputWidth = width }

  var parameters: [Variable<Float>] { [] }
  var gradientCount: Int { 0 }
  func keptCount(_ size: VideoSize) -> Int { 0 }
  func scratchCount(_ size: VideoSize) -> Int { 0 }
  func prepare() {}

  func forward(_ pass: BlockPass) {
    let count = pass.rows * outputWidth
    pass.output.update(from: pass.inputs[0], count: count)
    for x in pass.inputs.dropFirst() { loops.add(pass.output, x, count) }
  }

  func backward(_ pass: BlockPass) {
    for case let dx? in pass.inputGradients { loops.add(dx, pass.slope, pass.rows * outputWidth) }
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] { [] }
}

/// y_t = x_t + p_t with a learned row for each step.
final class PositionBlock: VideoBlock {
  private let table: Variable<Float>
  let outputWidth: Int
  private let memory = Slab()
  private let rows: UnsafeMutablePointer<Float>

  init(_ table: Variable<Float>) {
    self.table = table
    outputWidth = table.shape[1]
    rows = memory.reserve(table.value.count)
  }

  var isCheap: Bool { true }
  var parameters: [Variable<Float>] { [table] }
  var gradientCount: Int { table.value.count }
  func keptCount(_ size: VideoSize) -> Int { 0 }
  func scratchCount(_ size: VideoSize) -> Int { 0 }
  func prepare() { table.copy(to: rows) }

  func forward(_ pass: BlockPass) {
    let count = pass.rows * outputWidth
    pass.output.update(from: rows, count: count)
    loops.add(pass.output, pass.inputs[0], count)
  }

  func backward(_ pass: BlockPass) {
    let count = pass.rows * outputWidth
    loops.add(pass.gradients, pass.slope, count)
    if let dx = pass.inputGradients[0] { loops.add(dx, pass.slope, count) }
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    [Tensor(shape: table.shape, copying: sums)]
  }
}

/// y = QuickGELU(x).
final class ActivationBlock: VideoBlock {
  let outputWidth: Int

  init(width: Int) { outputWidth = width }

  var isCheap: Bool { true }
  var parameters: [Variable<Float>] { [] }
  var gradientCount: Int { 0 }
  func keptCount(_ size: VideoSize) -> Int { 0 }
  func scratchCount(_ size: VideoSize) -> Int { size.rows * outputWidth }
  func prepare() {}

  func forward(_ pass: BlockPass) {
    loops.quick_gelu(pass.inputs[0], pass.output, pass.rows * outputWidth)
  }

  func backward(_ pass: BlockPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let count = pass.rows * outputWidth
    loops.quick_gelu_gradient(pass.inputs[0], pass.slope, pass.scratch, count)
    loops.add(dx, pass.scratch, count)
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] { [] }
}
