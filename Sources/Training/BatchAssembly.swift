import Detectors
import Tensors

extension DBVADBatch where Scalar == Float {
  /// One batch of samples whose features are at most the model's length. It is as
  /// long as its longest video: padding changes nothing, except with VadCLIP's
  /// leak, where the model's full length is kept.
  ///
  /// Differs from the poster's B×B identity where a batch holds a video twice
  /// (crops, or a stream that cycles): only its first sample takes part in the
  /// description loss, or it would be its own negative.
  public init(samples: [TrainingSample], configuration: DBVADConfiguration) {
    let (features, lengths) = SnippetSequence.padded(
      samples.map(\.features),
      steps: configuration.vadclipPaddingLeak ? configuration.maximumSnippets : nil)
    var rows: [Int] = []
    var descriptions: [Float] = []
    var seen: Set<String> = []
    for (row, sample) in samples.enumerated() where configuration.usesDBM {
      guard let description = sample.description, seen.insert(sample.videoID).inserted else {
        continue
      }
      rows.append(row)
      descriptions += description
    }
    self.init(
      features: features, lengths: lengths,
      targets: Tensor(
        shape: [samples.count], scalars: samples.map { $0.isAnomalous ? 1 : 0 }),
      classIndices: samples.map(\.classIndices), describedRows: rows,
      descriptions: rows.isEmpty
        ? nil : Tensor(shape: [rows.count, configuration.textWidth], scalars: descriptions))
  }
}
