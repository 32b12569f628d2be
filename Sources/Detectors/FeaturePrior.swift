import NeuralNetworks
import Tensors

/// The score that some features bring with them: logits before anything is learned.
///
/// A detector that adds it starts as this score and learns what is to be changed. A few dozen
/// weakly labelled videos teach less than the built-in features' own score knows
/// (`Documentation/built-in-features.md`).
struct FeaturePrior: Sendable {
  /// What one deviation of the columns' mean is worth, as a logit.
  static let gain: Float = 2
  /// The logit of a snippet like the training set's mean: three in four are taken for normal.
  static let offset: Float = -1
  /// The mean runs over so many snippets before and after: about three seconds in all.
  static let reach = 2

  let columns: [Int]

  /// Nil where the inputs bring no score, or columns of unlike scale.
  init?(_ inputs: DetectorInputs) {
    guard let columns = inputs.priorColumns, !columns.isEmpty, inputs.standardizesFeatures else {
      return nil
    }
    self.columns = columns
  }

  /// Standardised features [B, T, D] to logits [B, T], 0 beyond each length: the mean of the
  /// columns over five snippets (beyond a video's ends its last one again).
  func callAsFunction(_ features: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
    let (steps, width) = (features.shape[1], features.shape[2])
    var logits = [Float](repeating: 0, count: lengths.count * steps)
    for (row, length) in lengths.enumerated() {
      let means = (0..<length).map { step in
        let start = (row * steps + step) * width
        return columns.reduce(Float(0)) { $0 + features.scalars[start + $1] } / Float(columns.count)
      }
      for step in 0..<length {
        let sum = (-Self.reach...Self.reach).reduce(Float(0)) {
          $0 + means[min(max(step + $1, 0), length - 1)]
        }
        logits[row * steps + step] = Self.gain * sum / Float(2 * Self.reach + 1) + Self.offset
      }
    }
    return Tensor(shape: [lengths.count, steps], scalars: logits)
  }

  /// The same of one video's standardised features [n, D] as nodes of a graph: [n].
  func exported(_ features: ONNXValue) -> ONNXValue {
    let graph = features.graph
    let own = graph.node("Gather", [features, graph.constant(columns)], [("axis", .integer(1))])
    let means = graph.node(
      "ReduceMean", [own], [("axes", .integers([1])), ("keepdims", .integer(0))])
    let repeated = graph.node(
      "Pad", [means, graph.constant([Self.reach, Self.reach])], [("mode", .text("edge"))])
    let smooth = graph.node(
      "AveragePool", [repeated.reshaped([1, 1, -1])],
      [("kernel_shape", .integers([2 * Self.reach + 1]))])
    return smooth.reshaped([-1]) * Self.gain + Self.offset
  }
}
