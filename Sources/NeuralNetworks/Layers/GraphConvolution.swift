import Foundation
import Records
import Tensors

/// QuickGELU(A·(x·Wᵀ) + residual(x)), the graph layer of Wu et al. (2020) as VadCLIP uses
/// it: the residual is x itself, or a convolution over five steps where the width changes.
public struct GraphConvolution<Scalar: TensorScalar>: Module {
  let weight: Variable<Scalar>
  let residual: TemporalConvolutionLayer<Scalar>?

  public init(_ inputs: Int, _ outputs: Int, generator: inout SeededGenerator) {
    weight = Variable(
      Initialization.xavierUniform([outputs, inputs], generator: &generator),
      requiresGradient: true)
    residual =
      inputs == outputs
      ? nil : TemporalConvolutionLayer(inputs, outputs, kernelSize: 5, generator: &generator)
  }

  /// [B, T, inputs] to [B, T, outputs].
  ///
  /// - Parameter spread: multiplies by the graph's adjacency A.
  public func callAsFunction(
    _ x: Variable<Scalar>, spread: (Variable<Scalar>) -> Variable<Scalar>
  ) -> Variable<Scalar> {
    (spread(x.linear(weight: weight)) + (residual?(x) ?? x)).quickGELU()
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] { [("weight", weight)] }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    residual.map { [("residual", $0)] } ?? []
  }
}

/// Two branches of graph convolutions over the snippets of a video: neighbours by
/// similarity of features, and neighbours by distance in time (VadCLIP, AAAI 2024).
///
/// [B, T, D] to [B, T, D]: each branch gives D/2, the two are joined.
public struct TemporalGraphs<Scalar: TensorScalar>: Module {
  /// How the two graphs are made.
  public struct Options: Sendable {
    /// Cosines up to this count as 0 in the similarity graph.
    public var similarityThreshold: Double
    /// The distance graph's weights are exp(−|i − j| / this).
    public var distanceScale: Double
    /// Whether filtered entries weigh nothing and the distance graph's rows sum to 1, as
    /// papers describe it. VadCLIP's code does neither: filtered entries weigh e⁰.
    public var isNormalized: Bool

    public init(similarityThreshold: Double, distanceScale: Double, isNormalized: Bool) {
      self.similarityThreshold = similarityThreshold
      self.distanceScale = distanceScale
      self.isNormalized = isNormalized
    }
  }

  /// The layers of the branches, for a model that names them itself.
  public let similarity, distance: [GraphConvolution<Scalar>]
  let options: Options

  public init(width: Int, layers: Int, options: Options, generator: inout SeededGenerator) {
    func branch(_ generator: inout SeededGenerator) -> [GraphConvolution<Scalar>] {
      (0..<layers).map { layer in
        GraphConvolution(layer == 0 ? width : width / 2, width / 2, generator: &generator)
      }
    }
    similarity = branch(&generator)
    distance = branch(&generator)
    self.options = options
  }

  public func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
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

  /// Row-softmax, within the valid block, of the cosines above the threshold. [B, T, T].
  private func similarityGraph(_ x: Variable<Scalar>, lengths: [Int]) -> Variable<Scalar> {
    let steps = x.shape[1]
    let unit = x.l2Normalized()
    return unit.matrixMultiplied(by: unit, otherTransposed: true)
      .keepingAbove(
        Scalar(options.similarityThreshold), replacement: options.isNormalized ? -1e4 : 0
      )
      .softmax(
        prefixLengths: lengths.flatMap { length in
          (0..<steps).map { $0 < length ? length : 0 }
        })
  }

  /// exp(−|i − j| / scale), [T, T].
  private func distanceGraph(steps: Int) -> Tensor<Scalar> {
    let byDistance = (0..<steps).map { Scalar(exp(-Double($0) / options.distanceScale)) }
    return Tensor(
      shape: [steps, steps],
      scalars: (0..<steps).flatMap { i -> [Scalar] in
        let row = (0..<steps).map { byDistance[abs(i - $0)] }
        guard options.isNormalized else { return row }
        let sum = row.reduce(0, +)
        return row.map { $0 / sum }
      })
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    similarity.enumerated().map { ("similarity.\($0.offset)", $0.element) }
      + distance.enumerated().map { ("distance.\($0.offset)", $0.element) }
  }
}
