import Datasets
import DescriptionFeatures
import Detectors
import Encoders
import Foundation
import Records
import Tensors

/// Where a detector's label embeddings come from.
public struct LabelTextSource: Sendable {
  public let encoder: any TextEncoder
  private let classes: [ClassDescriptor]
  private let contextLength: Int

  /// - Parameter contextLength: learnable tokens on each side of a label, where
  ///   the encoder is CLIP; 0 for fixed prompts.
  public init(encoder: any TextEncoder, classes: [ClassDescriptor], contextLength: Int) {
    self.encoder = encoder
    self.classes = classes
    self.contextLength = contextLength
  }

  /// Label embeddings for one model: learnable prompts through CLIP's frozen text
  /// tower, or the fixed mean over a class's prompts ("a video of ...").
  public func embeddings(generator: inout SeededGenerator) throws -> LabelEmbeddings<Float> {
    guard let clip = encoder as? CLIPModel, contextLength > 0 else {
      return .fixed(try fixed())
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
        contextLength: contextLength, generator: &generator))
  }

  /// [classes, dimension], rows of length 1.
  private func fixed() throws -> Tensor<Float> {
    let pooling = TextPooling(encoder: encoder)
    return .stacked(
      try classes.map { label in
        let rows = try pooling.encode(
          label.prompts.map {
            (owner: "class \(label.name)", text: OwnedTexts.classPrompt($0))
          }
        ).map { try $0.get().vector }
        let width = encoder.identity.dimension
        var mean = [Float](repeating: 0, count: width)
        for row in rows {
          for column in 0..<width { mean[column] += row[column] }
        }
        let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return Tensor(shape: [width], scalars: mean.map { $0 / max(norm, .leastNormalMagnitude) })
      })
  }
}
