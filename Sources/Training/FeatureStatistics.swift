import Tensors

/// Mean and standard deviation of each feature over all snippets of a set.
struct FeatureStatistics {
  let means: [Float]
  let deviations: [Float]

  /// - Precondition: at least one tensor [n, d], all of one width.
  init(_ features: [Tensor<Float>]) {
    let width = features[0].shape[1]
    let count = Double(features.reduce(0) { $0 + $1.shape[0] })
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for tensor in features {
      for (index, value) in tensor.scalars.enumerated() {
        sums[index % width] += Double(value)
        squares[index % width] += Double(value) * Double(value)
      }
    }
    means = sums.map { Float($0 / count) }
    deviations = zip(sums, squares).map { sum, square in
      Float(max(0, square / count - (sum / count) * (sum / count)).squareRoot())
    }
  }
}
