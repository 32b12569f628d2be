import NeuralNetworks
import Records
import Tensors

/// What the similarities of videos and descriptions are compared with.
public enum ContrastiveTargets: String, Codable, Sendable, CaseIterable {
  /// Each video with its own description only.
  case identity
  /// A distribution by the similarity of the descriptions among themselves, for
  /// batches with many nearly equal texts.
  case descriptionSimilarity
  /// As `identity`, but a description that is nearly a video's own is not held against it.
  case maskedDuplicates
}

/// Aligns each video with its description, in every model that has descriptions:
/// u = norm(z), d = norm(e), P = u·dᵀ/τ, by a contrastive loss in both directions. With
/// adapters, u = norm(z + FFN_v(z)) and d = norm(e + FFN_t(e)).
struct DescriptionContrast<Scalar: TensorScalar>: Module {
  private let visual, text: FeedForward<Scalar>?
  private let targets: ContrastiveTargets
  private let duplicateCosine: Double
  private let temperature: Double

  /// - Parameters:
  ///   - width: of videos and descriptions.
  ///   - duplicateCosine: above it, `maskedDuplicates` takes two texts for one.
  init(
    width: Int, hasAdapters: Bool, targets: ContrastiveTargets, duplicateCosine: Double,
    temperature: Double, generator: inout SeededGenerator
  ) {
    visual = hasAdapters ? FeedForward(width, generator: &generator) : nil
    text = hasAdapters ? FeedForward(width, generator: &generator) : nil
    self.targets = targets
    self.duplicateCosine = duplicateCosine
    self.temperature = temperature
  }

  /// The loss of n pairs.
  ///
  /// - Parameters:
  ///   - z: the videos' vectors, [n, D].
  ///   - e: the description embeddings at the model's width, [n, D].
  ///   - raw: the description embeddings as encoded, for targets by their similarity.
  func loss(video z: Variable<Scalar>, description e: Variable<Scalar>, raw: Variable<Scalar>)
    -> Variable<Scalar>
  {
    let u = (visual.map { z + $0(z) } ?? z).l2Normalized()
    let d = (text.map { e + $0(e) } ?? e).l2Normalized()
    var similarities = u.matrixMultiplied(by: d, otherTransposed: true) * Scalar(1 / temperature)
    if targets == .maskedDuplicates { similarities = similarities + Variable(duplicates(raw)) }
    let wanted = targetDistributions(raw)
    let rows = CrossEntropy.ofLogits(similarities, targets: wanted)
    let columns = CrossEntropy.ofLogits(similarities.transposed(), targets: wanted)
    return (rows + columns) * 0.5
  }

  /// [n, n]; symmetric before the softmax, hence the same for rows and columns.
  private func targetDistributions(_ raw: Variable<Scalar>) -> Tensor<Scalar> {
    switch targets {
    case .identity, .maskedDuplicates:
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

  /// What takes nearly equal texts of other videos out of the softmax, [n, n].
  private func duplicates(_ raw: Variable<Scalar>) -> Tensor<Scalar> {
    let cosines = raw.detached().cosineSimilarity(to: raw.detached()).value
    let count = cosines.shape[0]
    return Tensor(
      shape: cosines.shape,
      scalars: cosines.scalars.enumerated().map { index, cosine in
        index / count != index % count && cosine > Scalar(duplicateCosine) ? -1e9 : 0
      })
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [visual.map { ("visual", $0) }, text.map { ("text", $0) }].compactMap { $0 }
  }
}
