import NeuralNetworks
import Records
import Tensors

/// Description-Boosted Video Anomaly Detection (Meng et al., PRCV 2025), as its
/// poster shows it: snippets → Temporal Modeling Module → classifier; during
/// training the label (Semantic Focus Prompt) and a description of the video
/// (Description Boosted Module) shape the same features. Inference sees only the
/// video and gives one anomaly score a snippet.
public final class DBVAD<Scalar: TensorScalar>: Module {
  public let configuration: DBVADConfiguration
  /// Where the embeddings of the labels come from.
  public let labels: LabelEmbeddings<Scalar>

  private let standardization: FeatureStandardization<Scalar>?
  private let inputProjection: Linear<Scalar>?
  private let temporal: TemporalModelingModule<Scalar>
  private let classifier: AnomalyClassifier<Scalar>
  private let labelProjection: Linear<Scalar>?
  private let semanticFocus: SemanticFocusPrompt<Scalar>?
  private let descriptionProjection: Linear<Scalar>?
  private let descriptionBoost: DescriptionBoostedModule<Scalar>?

  /// A model with fresh parameters.
  ///
  /// - Throws: `DetectorError.badConfiguration`, or `.wrongLabelEmbeddings` where
  ///   the labels do not fit the configuration.
  public init(
    configuration: DBVADConfiguration, labels: LabelEmbeddings<Scalar>,
    generator: inout SeededGenerator
  ) throws {
    try configuration.validate()
    let needed = [configuration.classes.count, configuration.labelTextWidth]
    guard labels.shape == needed else {
      throw DetectorError.wrongLabelEmbeddings(found: labels.shape, expected: needed)
    }
    self.configuration = configuration
    self.labels = labels
    let width = configuration.modelWidth
    func projection(from inputs: Int, _ generator: inout SeededGenerator) -> Linear<Scalar>? {
      inputs == width ? nil : Linear(inputs, width, generator: &generator)
    }
    standardization =
      configuration.standardizesFeatures
      ? FeatureStandardization(width: configuration.visualWidth) : nil
    inputProjection = projection(from: configuration.visualWidth, &generator)
    temporal = TemporalModelingModule(configuration, generator: &generator)
    classifier = AnomalyClassifier(width: width, generator: &generator)
    let usesSFP = configuration.usesSFP && configuration.usesDBM
    labelProjection =
      usesSFP ? projection(from: configuration.labelTextWidth, &generator) : nil
    semanticFocus = usesSFP ? SemanticFocusPrompt(width: width, generator: &generator) : nil
    descriptionProjection =
      configuration.usesDBM ? projection(from: configuration.textWidth, &generator) : nil
    descriptionBoost =
      configuration.usesDBM
      ? DescriptionBoostedModule(configuration, generator: &generator) : nil
  }

  /// The visual path: snippet features [B, T, visualWidth] and valid lengths to
  /// features X [B, T, D] and one logit a snippet [B, T].
  public func forward(_ features: Variable<Scalar>, lengths: [Int])
    -> (features: Variable<Scalar>, logits: Variable<Scalar>)
  {
    let mask = PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak)
    var x = features
    if let standardization { x = mask(standardization(x)) }
    if let inputProjection { x = mask(inputProjection(x)) }
    x = temporal(x, mask: mask)
    return (x, classifier(x))
  }

  /// The losses of a batch: L = L_bce + λ·L_db.
  public func losses(_ batch: DBVADBatch<Scalar>) -> DBVADLosses<Scalar> {
    let (x, logits) = forward(Variable(batch.features), lengths: batch.lengths)
    let binary = BinaryCrossEntropy.ofProbabilities(
      logits.sigmoid().topKMean(
        lengths: batch.lengths, divisor: configuration.topKDivisor), targets: batch.targets)
    guard let descriptionBoost, let descriptions = batch.descriptions,
      batch.describedRows.count > 1
    else { return DBVADLosses(total: binary, binary: binary, description: nil) }

    let a = videoVectors(x, logits, lengths: batch.lengths).rows(batch.describedRows)
    let z = semanticFocus.map { $0(video: a, label: labelVectors(of: batch)) } ?? a
    let raw = Variable(descriptions)
    let unit = configuration.normalizesText ? raw.l2Normalized() : raw
    let description = descriptionBoost.loss(
      video: z, description: descriptionProjection.map { $0(unit) } ?? unit, raw: raw)
    return DBVADLosses(
      total: binary + description * Scalar(configuration.descriptionLossWeight),
      binary: binary, description: description)
  }

  /// a = norm(Σ_t confidence_t·X_t), [B, D].
  private func videoVectors(_ x: Variable<Scalar>, _ logits: Variable<Scalar>, lengths: [Int])
    -> Variable<Scalar>
  {
    let weights =
      configuration.legacyRawLogits ? logits : logits.sigmoid().maskedBeyond(lengths: lengths)
    return x.weightedSumOverTime(weights).l2Normalized()
  }

  /// t_y of the described videos: the mean embedding of a video's own labels.
  private func labelVectors(of batch: DBVADBatch<Scalar>) -> Variable<Scalar> {
    var table = labels.embeddings()
    if configuration.normalizesText { table = table.l2Normalized() }
    if let labelProjection { table = labelProjection(table) }
    let classes = configuration.classes.count
    var shares = Tensor<Scalar>(shape: [batch.describedRows.count, classes])
    for (row, sample) in batch.describedRows.enumerated() {
      let own = batch.classIndices[sample]
      for index in own { shares.scalars[row * classes + index] = 1 / Scalar(own.count) }
    }
    return Variable(shares).matrixMultiplied(by: table)
  }

  /// Sets the shift and scale of the features from a training set's means and
  /// deviations, [visualWidth] each; without effect unless the configuration
  /// standardises.
  public func setStandardization(means: [Float], deviations: [Float]) {
    standardization?.set(means: means, deviations: deviations)
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    var parts: [(name: String, module: any Module<Scalar>)] = []
    func add(_ name: String, _ module: (any Module<Scalar>)?) {
      if let module { parts.append((name, module)) }
    }
    add("standardization", standardization)
    add("input_projection", inputProjection)
    add("temporal", temporal)
    add("classifier", classifier)
    add("label_prompt", semanticFocus == nil ? nil : labels.prompt)
    add("label_projection", labelProjection)
    add("semantic_focus", semanticFocus)
    add("description_projection", descriptionProjection)
    add("description_boost", descriptionBoost)
    return parts
  }
}
