import Tensors

/// One layer of `WindowedTransformer`: x + attention(LN(x)), then x + MLP(LN(x)).
///
/// The attention up to its result is computed again in the backward pass: within windows that
/// costs little, and it saves two rows of memory.
final class WindowedTransformerBlock: VideoBlock {
  private let layer: WindowedTransformer<Float>.Layer
  private let width, window: Int
  private var hidden: Int { 4 * width }
  private let memory = Slab()
  private let projections, projectionBias, joint, jointBias: UnsafeMutablePointer<Float>
  private let up, upBias, down, downBias: UnsafeMutablePointer<Float>
  private let norms: [UnsafeMutablePointer<Float>]
  private let leaks: Bool

  /// - Parameter leaks: whether padded rows are keys.
  init(_ layer: WindowedTransformer<Float>.Layer, width: Int, window: Int, leaks: Bool) {
    self.layer = layer
    self.width = width
    self.window = window
    self.leaks = leaks
    let hidden = 4 * width
    var cursor = SlabCursor(
      memory.reserve(4 * width * width + 2 * hidden * width + 12 * width + hidden + 256))
    projections = cursor.take(3 * width * width)
    projectionBias = cursor.take(3 * width)
    joint = cursor.take(width * width)
    jointBias = cursor.take(width)
    up = cursor.take(hidden * width)
    upBias = cursor.take(hidden)
    down = cursor.take(hidden * width)
    downBias = cursor.take(width)
    norms = (0..<4).map { _ in cursor.take(width) }
  }

  private var pieces: [(variable: Variable<Float>, memory: UnsafeMutablePointer<Float>)] {
    let attention = layer.attention
    return [
      (attention.projections.weight, projections), (attention.output.weight, joint),
      (layer.mlp.expand.weight, up), (layer.mlp.project.weight, down),
    ]
      + [
        (attention.projections.bias, projectionBias), (attention.output.bias, jointBias),
        (layer.mlp.expand.bias, upBias), (layer.mlp.project.bias, downBias),
      ].compactMap { variable, memory in variable.map { ($0, memory) } }
      + [
        (layer.norm1.weight, norms[0]), (layer.norm1.bias, norms[1]),
        (layer.norm2.weight, norms[2]), (layer.norm2.bias, norms[3]),
      ]
  }

  var outputWidth: Int { width }
  var parameters: [Variable<Float>] { pieces.map(\.variable) }
  var gradientCount: Int { parameters.reduce(0) { $0 + SlabCursor.rounded($1.value.count) } }

  // Means and inverse deviations of both norms, projections, hidden sums.
  func keptCount(_ size: VideoSize) -> Int {
    SlabCursor.rounded(4 * size.rows) + size.rows * (3 * width + hidden)
  }

  // A normalised row, mixed rows, x + attention, a row of slopes, projections' slopes, hidden rows, weights.
  func scratchCount(_ size: VideoSize) -> Int {
    size.rows * (7 * width + hidden) + 2 * window * window + 16 * 8
  }

  func prepare() {
    for (variable, memory) in pieces { variable.copy(to: memory) }
  }

  private struct Kept {
    let mean1, inverse1, mean2, inverse2, all, sums: UnsafeMutablePointer<Float>

    init(_ pass: BlockPass, width: Int) {
      let rows = pass.rows
      (mean1, inverse1) = (pass.kept, pass.kept + rows)
      (mean2, inverse2) = (pass.kept + 2 * rows, pass.kept + 3 * rows)
      all = pass.kept + SlabCursor.rounded(4 * rows)
      sums = all + 3 * rows * width
    }
  }

  func forward(_ pass: BlockPass) {
    let rows = pass.rows
    let kept = Kept(pass, width: width)
    let products = pass.products
    var cursor = SlabCursor(pass.scratch)
    let normal = cursor.take(rows * width)
    let mixed = cursor.take(rows * width)
    let attended = cursor.take(rows * width)
    let active = cursor.take(rows * hidden)
    let weights = cursor.take(window * window)
    let x = pass.inputs[0]

    loops.normalize(
      x, norms[0], norms[1], normal, kept.mean1, kept.inverse1, rows, width, layer.norm1.epsilon)
    products.linear(normal, rows, width, projections, projectionBias, kept.all, 3 * width)
    attend(pass, kept, weights, mixed, attended)

    loops.normalize(
      attended, norms[2], norms[3], normal, kept.mean2, kept.inverse2, rows, width,
      layer.norm2.epsilon)
    products.linear(normal, rows, width, up, upBias, kept.sums, hidden)
    loops.quick_gelu(kept.sums, active, rows * hidden)
    products.linear(active, rows, hidden, down, downBias, pass.output, width)
    loops.add(pass.output, attended, rows * width)
  }

  /// x + attention, and what it mixed, of the projections.
  private func attend(
    _ pass: BlockPass, _ kept: Kept, _ weights: UnsafeMutablePointer<Float>,
    _ mixed: UnsafeMutablePointer<Float>, _ attended: UnsafeMutablePointer<Float>
  ) {
    forEachWindow(pass) { first, count, keys in
      mix(kept.all, weights, mixed, first, count, keys, pass.products)
    }
    pass.products.linear(mixed, pass.rows, width, joint, jointBias, attended, width)
    loops.add(attended, pass.inputs[0], pass.rows * width)
  }

  private func forEachWindow(
    _ pass: BlockPass, _ body: (_ first: Int, _ count: Int, _ keys: Int) -> Void
  ) {
    let keys = leaks ? pass.rows : pass.size.length
    for first in stride(from: 0, to: pass.rows, by: window) {
      body(
        first, min(window, pass.rows - first), max(0, min(window, min(pass.rows, keys) - first)))
    }
  }

  /// softmax(Q·Kᵀ/√D) of one window, and that times V.
  private func mix(
    _ all: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>,
    _ mixed: UnsafeMutablePointer<Float>, _ first: Int, _ count: Int, _ keys: Int,
    _ products: Products
  ) {
    guard keys > 0 else {
      (mixed + first * width).update(repeating: 0, count: count * width)
      return
    }
    let rows = all + first * 3 * width
    products.multiply(
      count, keys, width, rows, 3 * width, rows + width, 3 * width, weights, window,
      transposeB: true, factor: 1 / Float(width).squareRoot())
    loops.softmax(weights, count, keys, window)
    products.multiply(
      count, width, keys, weights, window, rows + 2 * width, 3 * width, mixed + first * width,
      width)
  }

  func backward(_ pass: BlockPass) {
    let rows = pass.rows
    let kept = Kept(pass, width: width)
    let products = pass.products
    var cursor = SlabCursor(pass.scratch)
    let normal = cursor.take(rows * width)
    let mixed = cursor.take(rows * width)
    let attended = cursor.take(rows * width)
    let slope = cursor.take(rows * width)
    let allSlope = cursor.take(rows * 3 * width)
    let active = cursor.take(rows * hidden)
    let weights = cursor.take(window * window)
    let weightSlopes = cursor.take(window * window)
    let x = pass.inputs[0]
    let sums = pieceSums(pass.gradients)

    attend(pass, kept, weights, mixed, attended)
    // The MLP: the slope of x + attention starts as that of the output.
    loops.quick_gelu(kept.sums, active, rows * hidden)
    products.multiply(
      width, hidden, rows, pass.slope, width, active, hidden, sums[3], hidden, transposeA: true,
      adds: true)
    loops.add_rows(pass.slope, sums[7], rows, width)
    products.multiply(rows, hidden, width, pass.slope, width, down, hidden, active, hidden)
    loops.quick_gelu_gradient(kept.sums, active, active, rows * hidden)
    normalized(attended, norms[2], norms[3], normal, kept.mean2, kept.inverse2, rows)
    products.linearGradient(
      normal, rows, width, up, slope: active, hidden, dx: allSlope, dx: false, dweight: sums[2],
      dbias: sums[6])
    slope.update(from: pass.slope, count: rows * width)
    loops.normalize_gradient(
      allSlope, attended, norms[2], kept.mean2, kept.inverse2, slope, sums[10], sums[11], rows,
      width)

    // The attention. `active` serves as the slope of what was mixed.
    products.linearGradient(
      mixed, rows, width, joint, slope: slope, width, dx: active, dx: false, dweight: sums[1],
      dbias: sums[5])
    allSlope.update(repeating: 0, count: rows * 3 * width)
    forEachWindow(pass) { first, count, keys in
      guard keys > 0 else { return }
      let (all, out) = (kept.all + first * 3 * width, allSlope + first * 3 * width)
      let given = active + first * width
      mix(kept.all, weights, mixed, first, count, keys, products)
      products.multiply(
        keys, width, count, weights, window, given, width, out + 2 * width, 3 * width,
        transposeA: true)
      products.multiply(
        count, keys, width, given, width, all + 2 * width, 3 * width, weightSlopes, window,
        transposeB: true)
      loops.softmax_gradient(weights, weightSlopes, weightSlopes, count, keys, window)
      let factor = 1 / Float(width).squareRoot()
      products.multiply(
        count, width, keys, weightSlopes, window, all + width, 3 * width, out, 3 * width,
        factor: factor)
      products.multiply(
        keys, width, count, weightSlopes, window, all, 3 * width, out + width, 3 * width,
        transposeA: true, factor: factor)
    }
    normalized(x, norms[0], norms[1], normal, kept.mean1, kept.inverse1, rows)
    products.linearGradient(
      normal, rows, width, projections, slope: allSlope, 3 * width, dx: mixed, dx: false,
      dweight: sums[0], dbias: sums[4])
    loops.normalize_gradient(
      mixed, x, norms[0], kept.mean1, kept.inverse1, slope, sums[8], sums[9], rows, width)
    if let dx = pass.inputGradients[0] { loops.add(dx, slope, rows * width) }
  }

  /// The normalised rows again; the statistics come out as they were.
  private func normalized(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, _ mean: UnsafeMutablePointer<Float>,
    _ inverse: UnsafeMutablePointer<Float>, _ rows: Int
  ) {
    loops.normalize(x, weight, bias, y, mean, inverse, rows, width, layer.norm1.epsilon)
  }

  private func pieceSums(_ base: UnsafeMutablePointer<Float>) -> [UnsafeMutablePointer<Float>] {
    var cursor = SlabCursor(base)
    return parameters.map { cursor.take($0.value.count) }
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    zip(parameters, pieceSums(UnsafeMutablePointer(mutating: sums))).map {
      Tensor(shape: $0.shape, copying: $1)
    }
  }
}
