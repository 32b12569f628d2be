import Datasets
import DescriptionFeatures
import Detectors
import Encoders
import Foundation
import Records
import Tensors

/// Where a detector's label embeddings come from: the class prompts' vectors that
/// `embed --levels classes` has stored, and the label encoder for the others.
public struct LabelTextSource: Sendable {
  public let encoder: any TextEncoder
  /// The text features that prompts were taken from; nil where there were none.
  public let featuresKey: String?
  /// How many of the class prompts were taken from there.
  public let storedPrompts: Int
  /// How many class prompts there are.
  public let promptCount: Int
  private let classes: [ClassDescriptor]
  private let contextLength: Int
  /// [classes, dimension], rows of length 1; nil for learnable prompts.
  private let fixed: Tensor<Float>?

  /// Looks up or encodes the prompts, once for all models.
  ///
  /// - Parameters:
  ///   - contextLength: learnable tokens on each side of a label, where the encoder
  ///     is CLIP; 0 for fixed prompts.
  ///   - cache: text features of the label encoder. What they lack is encoded by
  ///     their recipe, so that all prompts are alike.
  /// - Throws: `DescriptionFeatureError`, and what the encoder throws.
  /// - Precondition: the cache is of the encoder.
  public init(
    encoder: any TextEncoder, classes: [ClassDescriptor], contextLength: Int,
    cache: TextFeatureCache? = nil
  ) throws {
    precondition(cache?.recipe.isOf(encoder) ?? true, "another encoder's text features")
    self.encoder = encoder
    self.classes = classes
    self.contextLength = contextLength
    let prompts = classes.flatMap(\.prompts).map(TextsToEmbed.classPrompt)
    promptCount = Set(prompts).count
    guard !(encoder is CLIPModel && contextLength > 0) else {
      // Learnable prompts go through the tower anew at every step.
      (featuresKey, storedPrompts, fixed) = (nil, 0, nil)
      return
    }
    var vectors = try cache?.vectors(of: prompts) ?? [:]
    storedPrompts = vectors.count
    featuresKey = vectors.isEmpty ? nil : cache?.key
    let missing = Set(prompts).subtracting(vectors.keys).sorted()
    let pooling = TextPooling(
      encoder: encoder, rule: cache?.recipe.longText ?? .sentences,
      prefix: cache?.recipe.prefix ?? "")
    let encoded = try pooling.encode(missing.map { (owner: "class prompt '\($0)'", text: $0) })
    for (prompt, result) in zip(missing, encoded) { vectors[prompt] = try result.get().vector }
    fixed = Self.means(of: classes, vectors: vectors, width: encoder.identity.dimension)
  }

  /// What tells these embeddings from others, for a run's fingerprint.
  var digest: String {
    var hash = ContentHash()
    hash.update("\(encoder.identity) \(contextLength)")
    for label in classes { hash.update(label.prompts.joined(separator: "\n")) }
    if let fixed { hash.update(fixed.scalars.withUnsafeBytes { Data($0) }) }
    return hash.finalize()
  }

  /// Label embeddings for one model: learnable prompts through CLIP's frozen text
  /// tower, or the fixed mean over a class's prompts ("a video of ...").
  public func embeddings(
    layout: LabelPromptLayout = .shared, generator: inout SeededGenerator
  ) throws -> LabelEmbeddings<Float> {
    if let fixed { return .fixed(fixed) }
    guard let clip = encoder as? CLIPModel else {
      preconditionFailure("fixed prompts that were not looked up")
    }
    let tower = clip.configuration.text
    return .learnable(
      try LabelPromptEncoder(
        tensors: clip.textTowerWeights(),
        configuration: CLIPTextTowerConfiguration(
          heads: tower.headCount, activation: tower.activation.rawValue,
          layerNormEpsilon: Double(tower.normalizationEpsilon),
          startToken: clip.tokenizer.startID, endToken: clip.tokenizer.endID),
        classTokens: classes.map {
          Array(clip.tokenizer.tokens(of: $0.prompts[0]).dropFirst().dropLast())
        },
        contextLength: contextLength, layout: layout, generator: &generator))
  }

  /// Each class's mean prompt, of length 1: [classes, width].
  private static func means(
    of classes: [ClassDescriptor], vectors: [String: [Float]], width: Int
  ) -> Tensor<Float> {
    .stacked(
      classes.map { label in
        var mean = [Float](repeating: 0, count: width)
        for prompt in label.prompts {
          guard let row = vectors[TextsToEmbed.classPrompt(prompt)] else { continue }
          for column in 0..<width { mean[column] += row[column] }
        }
        // Prompts that cancel each other leave a label without a direction.
        return Tensor(
          shape: [width], scalars: VectorMath.unit(mean, arithmetic: Float.self) ?? mean)
      })
  }
}
