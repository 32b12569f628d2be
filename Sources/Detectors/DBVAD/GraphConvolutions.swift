import Foundation
import NeuralNetworks
import Records
import Tensors

/// VadCLIP's two graph branches over the snippets of a video: neighbours by
/// similarity of features, and neighbours by distance in time.
///
/// [B, T, D] to [B, T, D]: each branch gives D/2, the two are joined.
struct GraphConvolutions<Scalar: TensorScalar>: Module {
  private let similarity: [GraphConvolution<Scalar>]
  private let distance: [GraphConvolution<Scalar>]
  private let threshold: Double
  private let distanceScale: Double
  private let isNormalized: Bool

  init(_ configuration: DBVADConfiguration, generator: inout SeededGenerator) {
    func branch(_ generator: inout SeededGenerator) -> [GraphConvolution<Scalar>] {
      let half = configuration.modelWidth / 2
      return (0..<configuration.graphLayers).map { layer in
        GraphConvolution(
          layer == 0 ? configuration.modelWidth : half, half, generator: &generator)
      }
    }
    similarity = branch(&generator)
    distance = branch(&generator)
    threshold = configuration.similarityThreshold
    distanceScale = configuration.distanceScale
    isNormalized = configuration.normalizesGraphs
  }

  func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    let alike = similarityGraph(x, lengths: mask.lengths)
    let near = distanceGraph(steps: x.shape[1])
    var (bySimilarity, byDistance) = (x, x)
    for layer in similarity {
      bySimilarity = mask(layer(bySimilarity) { alike.matrixMultiplied(by: $0) })
    }
    for layer in distance {
      byDistance = mask(layer(byDistance) { $0.mixingTime(by: near) })
    }
    return .concatenated([bySimilarity, byDistance])
  }

  /// Row-softmax, within the valid block, of the cosines above the threshold; what
  /// the threshold removes weighs nothing, or e⁰ as in VadCLIP. [B, T, T].
  private func similarityGraph(_ x: Variable<Scalar>, lengths: [Int]) -> Variable<Scalar> {
    let steps = x.shape[1]
    let unit = x.l2Normalized()
    return unit.matrixMultiplied(by: unit, otherTransposed: true)
      .keepingAbove(Scalar(threshold), replacement: isNormalized ? -1e4 : 0)
      .softmax(
        prefixLengths: lengths.flatMap { length in
          (0..<steps).map { $0 < length ? length : 0 }
        })
  }

  /// exp(−|i − j| / scale); rows sum to 1, or to what they do in VadCLIP's code,
  /// which does not normalise. [T, T].
  private func distanceGraph(steps: Int) -> Tensor<Scalar> {
    let byDistance = (0..<steps).map { Scalar(exp(-Double($0) / distanceScale)) }
    return Tensor(
      shape: [steps, steps],
      scalars: (0..<steps).flatMap { i -> [Scalar] in
        let row = (0..<steps).map { byDistance[abs(i - $0)] }
        guard isNormalized else { return row }
        let sum = row.reduce(0, +)
        return row.map { $0 / sum }
      })
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    similarity.enumerated().map { ("similarity.\($0.offset)", $0.element) }
      + distance.enumerated().map { ("distance.\($0.offset)", $0.element) }
  }
}

/// QuickGELU(A·(x·Wᵀ) + residual(x)): the residual is x itself, or a convolution
/// over five steps where the width changes.
struct GraphConvolution<Scalar: TensorScalar>: Module {
  private let weight: Variable<Scalar>
  private let residual: TemporalConvolutionLayer<Scalar>?

  init(_ inputs: Int, _ outputs: Int, generator: inout SeededGenerator) {
    weight = Variable(
      Initialization.xavierUniform([outputs, inputs], generator: &generator),
      requiresGradient: true)
    residual =
      inputs == outputs
      ? nil : TemporalConvolutionLayer(inputs, outputs, kernelSize: 5, generator: &generator)
  }

  /// - Parameter spread: multiplies by the graph's adjacency A.
  func callAsFunction(
    _ x: Variable<Scalar>, spread: (Variable<Scalar>) -> Variable<Scalar>
  ) -> Variable<Scalar> {
    (spread(x.linear(weight: weight)) + (residual?(x) ?? x)).quickGELU()
  }

  var ownParameters: [(name: String, variable: Variable<Scalar>)] { [("weight", weight)] }

  var parts: [(name: String, module: any Module<Scalar>)] {
    residual.map { [("residual", $0)] } ?? []
  }
}
