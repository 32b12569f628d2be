import Foundation
import Tensors

/// `TemporalGraphs` of one video, up to the last QuickGELU: the branch of similar snippets in
/// the left half of each row, that of near ones in the right half.
///
/// The weights exp(−|i − j|/scale) of near snippets are powers of one ratio, so that two
/// recursions along time replace a product of T×T.
final class GraphBlock: VideoBlock {
  private let graphs: TemporalGraphs<Float>
  private let width: Int
  private var half: Int { width / 2 }
  private let taps: TapProducts
  private let ratio: Float
  private let memory = Slab()
  /// Both branches' first weights, [D, D]; the later ones, [D/2, D/2] each.
  private let first: UnsafeMutablePointer<Float>
  private let later: [[UnsafeMutablePointer<Float>]]
  private let residual, bias: UnsafeMutablePointer<Float>

  private var branches: [[GraphConvolution<Float>]] { [graphs.similarity, graphs.distance] }
  private var layers: Int { graphs.similarity.count }

  init(_ graphs: TemporalGraphs<Float>, width: Int) {
    self.graphs = graphs
    self.width = width
    let half = width / 2
    taps = TapProducts(inputs: width, outputs: width, kernel: 5, dilation: 1)
    ratio = Float(exp(-1 / graphs.options.distanceScale))
    let rest = graphs.similarity.count - 1
    var cursor = SlabCursor(
      memory.reserve(
        width * width + 2 * rest * SlabCursor.rounded(half * half) + taps.count + width + 64))
    first = cursor.take(width * width)
    later = (0..<2).map { _ in (0..<rest).map { _ in cursor.take(half * half) } }
    residual = cursor.take(taps.count)
    bias = cursor.take(width)
  }

  var outputWidth: Int { width }

  var parameters: [Variable<Float>] {
    branches.flatMap { branch in
      branch.flatMap { layer in layer.namedParameters.map(\.variable) }
    }
  }

  // Sums: first weights, residual taps, their biases, later weights.
  var gradientCount: Int {
    width * width + taps.count + width + 2 * (layers - 1) * half * half
  }

  // Kept: adjacency, what filtered cosines became, and the sums before QuickGELU of each layer
  // but the last, whose sums are the output.
  func keptCount(_ size: VideoSize) -> Int {
    size.length * size.length + size.length + (layers - 1) * size.rows * width
  }

  // Unit rows, their lengths, activations, mixed rows, the gradients of two layers, and of A.
  func scratchCount(_ size: VideoSize) -> Int {
    5 * size.rows * width + size.rows + width + 2 * size.length * size.length + 16 * 8
  }

  func prepare() {
    for (row, branch) in branches.enumerated() {
      branch[0].weight.copy(to: first + row * half * width)
      for (layer, target) in later[row].enumerated() { branch[layer + 1].weight.copy(to: target) }
      guard let convolution = branch[0].residual else { continue }
      taps.pack(convolution.weight, into: residual, row: row * half)
      convolution.bias.copy(to: bias + row * half)
    }
  }

  private struct Kept {
    let adjacency, filtered: UnsafeMutablePointer<Float>
    let sums: [UnsafeMutablePointer<Float>]
  }

  private func kept(_ pass: BlockPass) -> Kept {
    let length = pass.size.length
    let layer = pass.kept + length * length + length
    return Kept(
      adjacency: pass.kept, filtered: pass.kept + length * length,
      sums: (0..<layers - 1).map { layer + $0 * pass.rows * width } + [pass.output])
  }

  func forward(_ pass: BlockPass) {
    let (rows, length) = (pass.rows, pass.size.length)
    let kept = kept(pass)
    let products = pass.products
    var cursor = SlabCursor(pass.scratch)
    let unit = cursor.take(rows * width)
    let inverse = cursor.take(rows)
    let mixed = cursor.take(rows * width)
    let state = cursor.take(width)
    let x = pass.inputs[0]

    loops.unit(x, unit, inverse, length, width)
    products.multiply(
      length, length, width, unit, width, unit, width, kept.adjacency, length, transposeB: true)
    loops.threshold_softmax(
      kept.adjacency, kept.filtered, length, length, Float(graphs.options.similarityThreshold),
      graphs.options.isNormalized ? -1e4 : 0)

    products.multiply(
      rows, width, width, x, width, first, width, mixed, width, transposeB: true)
    loops.fill_rows(kept.sums[0], bias, rows, width)
    taps.add(x, residual, to: kept.sums[0], rows: rows, by: products)
    addNeighbours(mixed, to: kept.sums[0], state: state, kept: kept, pass)
    for layer in 1..<max(1, layers) {
      let active = unit  // The unit rows have served.
      loops.quick_gelu(kept.sums[layer - 1], active, rows * width)
      kept.sums[layer].update(from: active, count: rows * width)
      for branch in 0..<2 {
        products.multiply(
          rows, half, half, active + branch * half, width, later[branch][layer - 1], half,
          mixed + branch * half, width, transposeB: true)
      }
      addNeighbours(mixed, to: kept.sums[layer], state: state, kept: kept, pass)
    }
  }

  /// y += A·m of both branches.
  private func addNeighbours(
    _ mixed: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>,
    state: UnsafeMutablePointer<Float>, kept: Kept, _ pass: BlockPass
  ) {
    let length = pass.size.length
    pass.products.multiply(
      length, half, length, kept.adjacency, length, mixed, width, y, width, adds: true)
    if graphs.options.isNormalized {
      // In place of the right half of m, which is not needed again.
      spread(mixed + half, state: state, pass)
      for row in 0..<pass.rows {
        let share = 1 / rowSum(row, of: pass.size.steps)
        for column in half..<width {
          y[row * width + column] += share * mixed[row * width + column]
        }
      }
    } else {
      loops.spread(mixed + half, y + half, state, pass.rows, half, width, ratio, 1)
    }
  }

  /// Σ_j ratio^|i − j| over the steps of the batch.
  private func rowSum(_ row: Int, of steps: Int) -> Float {
    let power = { (count: Int) in
      (1 - pow(Double(self.ratio), Double(count))) / (1 - Double(self.ratio))
    }
    return Float(power(row + 1) + power(steps - row) - 1)
  }

  /// x ← Σ_j ratio^|i − j|·x_j in place; the right half of the rows.
  private func spread(
    _ x: UnsafeMutablePointer<Float>, state: UnsafeMutablePointer<Float>, _ pass: BlockPass
  ) {
    // forward[i] = x[i] + r·forward[i−1]; then y[i] = forward[i] + r·(y[i+1] − r·forward[i]),
    // because what follows i reaches it through i + 1.
    let rows = pass.rows
    for row in 1..<max(1, rows) {
      for column in 0..<half { x[row * width + column] += ratio * x[(row - 1) * width + column] }
    }
    for row in stride(from: rows - 2, through: 0, by: -1) {
      for column in 0..<half {
        let here = x[row * width + column]
        x[row * width + column] = here + ratio * (x[(row + 1) * width + column] - ratio * here)
      }
    }
  }

  /// m = Aᵀ·slope of both branches.
  private func neighboursGradient(
    _ slope: UnsafeMutablePointer<Float>, to mixed: UnsafeMutablePointer<Float>,
    state: UnsafeMutablePointer<Float>, kept: Kept, _ pass: BlockPass
  ) {
    let (rows, length) = (pass.rows, pass.size.length)
    for row in length..<max(length, rows) {
      (mixed + row * width).update(repeating: 0, count: half)
    }
    pass.products.multiply(
      length, half, length, kept.adjacency, length, slope, width, mixed, width, transposeA: true)
    if graphs.options.isNormalized {
      for row in 0..<rows {
        let share = 1 / rowSum(row, of: pass.size.steps)
        for column in half..<width {
          mixed[row * width + column] = share * slope[row * width + column]
        }
      }
      spread(mixed + half, state: state, pass)
    } else {
      loops.spread(slope + half, mixed + half, state, rows, half, width, ratio, 0)
    }
  }

  func backward(_ pass: BlockPass) {
    let (rows, length) = (pass.rows, pass.size.length)
    let kept = kept(pass)
    let products = pass.products
    var cursor = SlabCursor(pass.scratch)
    let unit = cursor.take(rows * width)
    let inverse = cursor.take(rows)
    let mixed = cursor.take(rows * width)
    let state = cursor.take(width)
    let slope = cursor.take(rows * width)
    let active = cursor.take(rows * width)
    let again = cursor.take(rows * width)
    let adjacencySlope = cursor.take(length * length)
    let x = pass.inputs[0]
    let dx = pass.inputGradients[0]
    let sums = pass.gradients
    let (dtaps, dbias) = (sums + width * width, sums + width * width + taps.count)
    let dlater = dbias + width
    if dx != nil { adjacencySlope.update(repeating: 0, count: length * length) }

    /// The gradient of A through one layer: slope·(x·Wᵀ)ᵀ of the left branch.
    func addAdjacencySlope(
      _ input: UnsafePointer<Float>, _ inputs: Int, _ weight: UnsafePointer<Float>
    ) {
      guard dx != nil else { return }
      products.multiply(
        length, half, inputs, input, width, weight, inputs, again, width, transposeB: true)
      products.multiply(
        length, length, half, slope, width, again, width, adjacencySlope, length,
        transposeB: true, adds: true)
    }

    slope.update(from: pass.slope, count: rows * width)
    for layer in stride(from: layers - 1, to: 0, by: -1) {
      loops.quick_gelu(kept.sums[layer - 1], active, rows * width)
      addAdjacencySlope(active, half, later[0][layer - 1])
      neighboursGradient(slope, to: mixed, state: state, kept: kept, pass)
      for branch in 0..<2 {
        let column = branch * half
        let dweight = dlater + (branch * (layers - 1) + layer - 1) * half * half
        products.multiply(
          half, half, rows, mixed + column, width, active + column, width, dweight, half,
          transposeA: true, adds: true)
        products.multiply(
          rows, half, half, mixed + column, width, later[branch][layer - 1], half,
          slope + column, width, adds: true)
      }
      loops.quick_gelu_gradient(kept.sums[layer - 1], slope, slope, rows * width)
    }
    loops.add_rows(slope, dbias, rows, width)
    taps.addWeightGradient(x, slope: slope, to: dtaps, rows: rows, by: products)
    addAdjacencySlope(x, width, first)
    neighboursGradient(slope, to: mixed, state: state, kept: kept, pass)
    products.multiply(
      width, width, rows, mixed, width, x, width, sums, width, transposeA: true, adds: true)
    guard let dx else { return }
    taps.addInputGradient(residual, slope: slope, to: dx, rows: rows, by: products)
    products.multiply(rows, width, width, mixed, width, first, width, dx, width, adds: true)

    // S = U·Uᵀ: dU = (dS + dSᵀ)·U.
    loops.threshold_softmax_gradient(
      kept.adjacency, kept.filtered, adjacencySlope, adjacencySlope, length, length)
    loops.unit(x, unit, inverse, length, width)
    products.multiply(
      length, width, length, adjacencySlope, length, unit, width, slope, width)
    products.multiply(
      length, width, length, adjacencySlope, length, unit, width, slope, width,
      transposeA: true, adds: true)
    loops.unit_gradient(slope, unit, inverse, dx, length, width)
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    let (dtaps, dbias) = (sums + width * width, sums + width * width + taps.count)
    let dlater = dbias + width
    return (0..<2).flatMap { branch -> [Tensor<Float>] in
      [
        Tensor(shape: [half, width], copying: sums + branch * half * width),
        taps.unpack(dtaps, row: branch * half, outputs: half),
        Tensor(shape: [half], copying: dbias + branch * half),
      ]
        + (0..<layers - 1).map { layer in
          Tensor(
            shape: [half, half],
            copying: dlater + (branch * (layers - 1) + layer) * half * half)
        }
    }
  }
}
