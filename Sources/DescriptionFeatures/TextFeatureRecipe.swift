import Encoders
import Foundation
import Records
import Tensors

/// Everything that decides the vector of a text. Two equal recipes give equal vectors, and only
/// vectors of one recipe are compared.
public struct TextFeatureRecipe: Codable, Sendable, Hashable, CustomStringConvertible {
  public static let currentFormat = 2

  /// The layout of shards and of this record.
  public private(set) var format = Self.currentFormat
  public let encoder: EncoderIdentity
  public let traits: TextEncoderTraits
  public let longText: LongTextRule
  /// The version of `longText`'s rule.
  public let longTextVersion: String
  /// How the vectors' lengths are normalized.
  public let normalization: String
  /// The element type of stored vectors.
  public let elementType: StoredFloatType
  /// The text that the encoder gets before every piece.
  public let prefix: String
  /// The version of the rule by which descriptions become texts.
  public let templateVersion: String

  public init(
    encoder: any TextEncoder, longText: LongTextRule = .sentences,
    elementType: StoredFloatType = .float32, prefix: String = ""
  ) {
    self.encoder = encoder.identity
    traits = encoder.traits
    self.longText = longText
    longTextVersion = longText.versionedName
    normalization = "unit"
    self.elementType = elementType
    self.prefix = prefix
    templateVersion = TextsToEmbed.templateVersion
  }

  /// A readable name that ends in a part of the recipe's hash; also the folder's name.
  public var key: String {
    var hash = ContentHash()
    for part in [
      "text-features-\(format)", encoder.kind, encoder.model, encoder.revision ?? "",
      encoder.weightsHash ?? "", "\(encoder.dimension)", encoder.precision ?? "f32",
      traits.tokenizerHash ?? "", traits.pooling, "\(traits.isNormalized)",
      "\(traits.maximumTokens ?? 0)", longTextVersion, normalization, elementType.rawValue, prefix,
      templateVersion,
    ] {
      hash.update(part)
    }
    let name = encoder.model.split(separator: "/").last.map(String.init) ?? encoder.model
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }
    return "\(encoder.kind)-\(String(safe))-\(hash.finalize().prefix(10))"
  }

  /// Whether the vectors come from this encoder, whatever the rule for long texts.
  public func isOf(_ other: any TextEncoder) -> Bool {
    encoder == other.identity && traits == other.traits
  }

  public var description: String {
    "\(encoder), \(longText.rawValue), \(elementType.rawValue)"
      + (prefix.isEmpty ? "" : ", prefix '\(prefix)'")
  }
}
