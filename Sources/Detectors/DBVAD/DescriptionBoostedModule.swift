import NeuralNetworks
import Records
import Tensors

/// Description Boosted Module (DBM): aligns each video with its description,
/// u = norm(z + FFN_v(z)), d = norm(e + FFN_t(e)), P = u·dᵀ/τ, by a contrastive
/// loss in both directions.
struct DescriptionBoostedModule<Scalar: TensorScalar>: Module {
  private let visual: FeedForward<Scalar>
  private let text: FeedForward<Scalar>
  private let temperature: Double
  private let targets: DBVADConfiguration.ContrastiveTargets

  init(_ configuration: DBVADConfiguration, generator: inout SeededGenerator) {
    visual = FeedForward(configuration.modelWidth, generator: &generator)
    text = FeedForward(configuration.modelWidth, generator: &generator)
    temperature = configuration.temperature
    targets = configuration.contrastiveTargets
  }

  /// L_db of n pairs.
  ///
  /// - Parameters:
  ///   - z: the calibrated video vectors, [n, D].
  ///   - e: the description embeddings at the model's width, [n, D].
  ///   - raw: the description embeddings as encoded, for soft targets.
  func loss(video z: Variable<Scalar>, description e: Variable<Scalar>, raw: Variable<Scalar>)
    -> Variable<Scalar>
  {
    let u = (z + visual(z)).l2Normalized()
    let d = (e + text(e)).l2Normalized()
    let similarities = u.matrixMultiplied(by: d, otherTransposed: true) * Scalar(1 / temperature)
    let wanted = targetDistributions(raw)
    let rows = CrossEntropy.ofLogits(similarities, targets: wanted)
    let columns = CrossEntropy.ofLogits(similarities.transposed(), targets: wanted)
    return (rows + columns) * 0.5
  }

  /// [n, n]; symmetric before the softmax, hence the same for rows and columns.
  private func targetDistributions(_ raw: Variable<Scalar>) -> Tensor<Scalar> {
    switch targets {
    case .identity:
      let count = raw.shape[0]
      return Tensor(
        shape: [count, count],
        scalars: (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 })
    case .descriptionSimilarity:
      let unit = raw.detached().l2Normalized()
      return (unit.matrixMultiplied(by: unit, otherTransposed: true) * Scalar(1 / temperature))
        .softmax().value
    }
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [("visual", visual), ("text", text)]
  }
}
