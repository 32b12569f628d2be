import Tensors

/// What a program ends in: it turns a video's features X into its results.
protocol VideoHead: AnyObject {
  var parameters: [Variable<Float>] { get }
  var gradientCount: Int { get }
  /// The numbers that a video's results are.
  ///
  /// - Parameter steps: rows of the batch.
  func resultCount(steps: Int) -> Int
  func keptCount(_ size: VideoSize) -> Int
  func scratchCount(_ size: VideoSize) -> Int
  /// Takes over the parameters' values for a step.
  func prepare()
  /// Writes a video's results.
  ///
  /// - Parameters:
  ///   - x: features, [rows, width].
  ///   - prior: what is added to the logits, one a row of the batch; nil for nothing.
  ///   - results: zeros before.
  func forward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, prior: UnsafePointer<Float>?,
    kept: UnsafeMutablePointer<Float>, results: UnsafeMutablePointer<Float>, _ products: Products
  ) -> ScoreHead.Result
  /// Adds to dx and to the sums.
  ///
  /// - Parameter slope: the gradient of the results.
  func backward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, result: ScoreHead.Result,
    slope: UnsafePointer<Float>, kept: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, dx: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, _ products: Products)
  /// The parameters' gradients, in the order of `parameters`, of the summed ones.
  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>]
}

/// The end of a program whose results are the features themselves, for a model that goes on
/// with all videos together.
final class FeatureHead: VideoHead {
  private let width: Int

  init(width: Int) { self.width = width }

  var parameters: [Variable<Float>] { [] }
  var gradientCount: Int { 0 }
  func resultCount(steps: Int) -> Int { steps * width }
  func keptCount(_ size: VideoSize) -> Int { 0 }
  func scratchCount(_ size: VideoSize) -> Int { 0 }
  func prepare() {}

  func forward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, prior: UnsafePointer<Float>?,
    kept: UnsafeMutablePointer<Float>, results: UnsafeMutablePointer<Float>, _ products: Products
  ) -> ScoreHead.Result {
    results.update(from: x, count: size.rows * width)
    return ScoreHead.Result()
  }

  func backward(
    _ x: UnsafeMutablePointer<Float>, _ size: VideoSize, result: ScoreHead.Result,
    slope: UnsafePointer<Float>, kept: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, dx: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, _ products: Products
  ) {
    loops.add(dx, slope, size.rows * width)
  }

  func gradients(_ sums: UnsafePointer<Float>) -> [Tensor<Float>] { [] }
}
