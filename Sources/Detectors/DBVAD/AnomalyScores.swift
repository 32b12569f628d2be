import NeuralNetworks
import Tensors

extension DBVAD {
  /// One score in [0, 1] for each snippet of a video: sigmoid of its logit. Only
  /// the visual features are used.
  ///
  /// More than `maximumSnippets` snippets are scored in pieces of that many, the
  /// last one shorter; pieces do not see each other, as in VadCLIP. `freeze` the
  /// model first: then no graph is recorded.
  ///
  /// - Parameters:
  ///   - features: [n, visualWidth].
  ///   - subject: what an error names, a video's id or path.
  /// - Throws: `DetectorError` for a wrong width, no snippet, or a feature that is
  ///   not finite.
  public func anomalyScores(_ features: Tensor<Float>, subject: String = "features") throws
    -> [Float]
  {
    try SnippetSequence.check(features, width: configuration.visualWidth, subject: subject)
    var scores: [Float] = []
    for piece in SnippetSequence.pieces(
      count: features.shape[0], maximum: configuration.maximumSnippets)
    {
      let (batch, lengths) = SnippetSequence.padded(
        [features[rows: piece]],
        steps: configuration.vadclipPaddingLeak ? configuration.maximumSnippets : nil)
      let logits = forward(Variable(batch.converted(to: Scalar.self)), lengths: lengths).logits
      scores += logits.sigmoid().value.scalars.prefix(piece.count).map { Float($0) }
    }
    return scores
  }
}

extension SnippetSequence {
  /// Checks a video's features before a model sees them.
  ///
  /// - Throws: `DetectorError` naming the subject.
  public static func check(_ features: Tensor<Float>, width: Int, subject: String) throws {
    guard features.rank == 2, features.shape[1] == width else {
      throw DetectorError.wrongFeatureWidth(
        subject: subject, found: features.shape, expectedWidth: width)
    }
    guard features.shape[0] > 0 else { throw DetectorError.noSnippets(subject: subject) }
    if let index = features.scalars.firstIndex(where: { !$0.isFinite }) {
      throw DetectorError.notFinite(subject: subject, row: index / max(1, width))
    }
  }
}
