import Tensors

/// The end of a video's own part: a classifier a = Linear(X + MLP(X)), the mean of the greatest
/// scores, and the features weighed by the scores.
///
/// The MLP's second layer is followed by a product with one vector only, so that the two are
/// one: aᵗ = w·Xᵗ + v·QuickGELU(W₁·Xᵗ + b₁) + c with v = W₂ᵀ·w and c = w·b₂ + b. A product of
/// 2,048 by 512 a snippet falls away in the forward pass, and two in the backward pass.
final class ScoreHead: VideoHead {
  /// How the features are weighed for the video's vector.
  enum Weights: Sendable {
    /// By sigmoid(a) within the length.
    case scores
    /// By a over all rows, as VadCLIP's code does.
    case rawLogits
  }

  private let mlp: FeedForward<Float>
  private let output: Linear<Float>
  private let topKDivisor: Int
  private let weights: Weights
  private let width, hidden: Int
  private let memory = Slab()
  private let up, upBias, direct, folded: UnsafeMutablePointer<Float>
  private var constant: Float = 0

  init(
    mlp: FeedForward<Float>, output: Linear<Float>, topKDivisor: Int, weights: Weights
  ) {
    self.mlp = mlp
    self.output = output
    self.topKDivisor = topKDivisor
    self.weights = weights
    hidden = mlp.expand.weight.shape[0]
    width = mlp.expand.weight.shape[1]
    var cursor = SlabCursor(memory.reserve(hidden * (width + 2) + width + 64))
    up = cursor.take(hidden * width)
    upBias = cursor.take(hidden)
    direct = cursor.take(width)
    folded = cursor.take(hidden)
  }

  var parameters: [Variable<Float>] {
    [mlp.expand, mlp.project, output].flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) }
  }

  // Sums: W₁, b₁, dv (also W₂ and w), dw, da.
  var gradientCount: Int { hidden * (width + 2) + width + 1 }
  // Kept: hidden sums, logits, scores, weights.
  func keptCount(_ size: VideoSize) -> Int { size.rows * (hidden + 3) }
  func scratchCount(_ size: VideoSize) -> Int { size.rows * (hidden + 2) + width + 48 }
  // The pooled score, and Σ weight·X.
  func resultCount(steps: Int) -> Int { 1 + width }

  func prepare() {
    mlp.expand.weight.copy(to: up)
    mlp.expand.bias?.copy(to: upBias)
    output.weight.copy(to: direct)
    let (down, downBias) = (mlp.project.weight.value.scalars, mlp.project.bias?.value.scalars)
    var sum = Double(output.bias?.value.scalars[0] ?? 0)
    folded.update(repeating: 0, count: hidden)
    down.withUnsafeBufferPointer { down in
      for row in 0..<width {
        let w = direct[row]
        for column in 0..<hidden { folded[column] += w * down[row * hidden + column] }
        sum += Double(w) * Double(downBias?[row] ?? 0)
      }
    }
    constant = Float(sum)
  }

  /// What a video's scores come to.
  struct Result: Sendable {
    var pooled: Float = 0
    /// The rows of the greatest scores.
    var top: [Int] = []
  }

  func forward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, prior: UnsafePointer<Float>?,
    kept: UnsafeMutablePointer<Float>, results: UnsafeMutablePointer<Float>, _ products: Products
  ) -> Result {
    let rows = size.rows
    let (sums, logits) = (kept, kept + rows * hidden)
    let (scores, weight) = (logits + rows, logits + 2 * rows)
    products.linear(x, rows, width, up, upBias, sums, hidden)
    loops.classify(x, sums, direct, folded, constant, logits, rows, width, hidden)
    if let prior { for row in 0..<rows { logits[row] += prior[row] } }
    loops.sigmoid(logits, scores, rows)
    for row in 0..<rows {
      weight[row] =
        weights == .rawLogits ? logits[row] : row < size.length ? scores[row] : 0
    }
    loops.add_weighted(x, weight, results + 1, rows, width)
    let result = Self.pooled(scores, stride: 1, length: size.length, divisor: topKDivisor)
    results[0] = result.pooled
    return result
  }

  /// The mean of the ⌊length/divisor⌋ + 1 greatest; between equal ones the earlier, and NaN
  /// where there is one, as `topKMean`.
  static func pooled(
    _ values: UnsafePointer<Float>, stride: Int, length: Int, divisor: Int
  ) -> Result {
    let count = min(length, length / divisor + 1)
    var top: [Int] = []
    for row in 0..<length {
      let value = values[row * stride]
      guard !value.isNaN else { return Result(pooled: .nan, top: Array(0..<length)) }
      if top.count == count, value <= values[top[count - 1] * stride] { continue }
      // At the end of those that are as great: the earlier stays before.
      var place = top.count
      while place > 0, values[top[place - 1] * stride] < value { place -= 1 }
      top.insert(row, at: place)
      if top.count > count { top.removeLast() }
    }
    let sum = top.reduce(Float(0)) { $0 + values[$1 * stride] }
    return Result(pooled: sum / Float(top.count), top: top)
  }

  func backward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, result: Result,
    slope: UnsafePointer<Float>, kept: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, dx: UnsafeMutablePointer<Float>,
    sums gradients: UnsafeMutablePointer<Float>, _ products: Products
  ) {
    let rows = size.rows
    let (pooledSlope, vectorSlope) = (slope[0], slope + 1)
    let (sums, logits) = (kept, kept + rows * hidden)
    let (scores, weight) = (logits + rows, logits + 2 * rows)
    var cursor = SlabCursor(scratch)
    let slopes = cursor.take(rows)
    let hiddenSlope = cursor.take(rows * hidden)
    loops.dot_rows(x, vectorSlope, slopes, rows, width)
    if weights == .rawLogits {
      let share = pooledSlope / Float(result.top.count)
      for row in result.top { slopes[row] += share * scores[row] * (1 - scores[row]) }
    } else {
      for row in size.length..<max(size.length, rows) { slopes[row] = 0 }
      let share = pooledSlope / Float(result.top.count)
      for row in result.top { slopes[row] += share }
      for row in 0..<rows { slopes[row] *= scores[row] * (1 - scores[row]) }
    }
    let dup = gradients
    let dupBias = dup + hidden * width
    let dfolded = dupBias + hidden
    let ddirect = dfolded + hidden
    loops.classify_gradient(
      x, sums, direct, folded, slopes, weight, vectorSlope, dx, hiddenSlope, ddirect, dfolded,
      dupBias, rows, width, hidden)
    for row in 0..<rows { ddirect[width] += slopes[row] }
    products.multiply(
      hidden, width, rows, hiddenSlope, hidden, x, width, dup, width, transposeA: true, adds: true)
    products.multiply(rows, width, hidden, hiddenSlope, hidden, up, width, dx, width, adds: true)
  }

  /// The parameters' gradients of the summed ones: dW₂ = w·dvᵀ, and w has a share of v.
  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] {
    let dupBias = sums + hidden * width
    let dfolded = dupBias + hidden
    let ddirect = dfolded + hidden
    let slope = ddirect[width]
    let down = mlp.project.weight.value.scalars
    let downBias = mlp.project.bias?.value.scalars
    var result = [Tensor(shape: [hidden, width], copying: sums)]
    if mlp.expand.bias != nil { result.append(Tensor(shape: [hidden], copying: dupBias)) }
    result.append(
      Tensor(shape: [width, hidden]) { target in
        for row in 0..<width {
          for column in 0..<hidden { target[row * hidden + column] = direct[row] * dfolded[column] }
        }
      })
    if downBias != nil {
      result.append(
        Tensor(shape: [width]) { for row in 0..<width { $0[row] = direct[row] * slope } })
    }
    result.append(
      Tensor(shape: [1, width]) { target in
        down.withUnsafeBufferPointer { down in
          for row in 0..<width {
            var sum = ddirect[row] + slope * (downBias?[row] ?? 0)
            for column in 0..<hidden { sum += down[row * hidden + column] * dfolded[column] }
            target[row] = sum
          }
        }
      })
    if output.bias != nil { result.append(Tensor(shape: [1], scalars: [slope])) }
    return result
  }
}
