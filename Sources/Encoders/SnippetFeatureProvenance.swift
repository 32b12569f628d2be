import Foundation
import Records
import Tensors

/// Every choice behind a folder of snippet features: `provenance.json` in it.
///
/// `key`, the folder's name, is made of the choices; features are reused where it
/// is the same. The versions of programs and libraries are listed, all that ever
/// wrote into the folder, but do not count: another version of a decoder is no
/// reason to encode a data set anew.
public struct SnippetFeatureProvenance: Codable, Sendable, Equatable {
  /// Goes up when the same choices would give other numbers.
  public static let currentFormat = 2

  public var format = Self.currentFormat
  /// Who made the vectors, weights and precision included.
  public var encoder: EncoderIdentity
  /// How 16 frames become one row.
  public var pooling: String
  public var crops: FrameCrops
  /// `FrameCrops.geometry`.
  public var geometry: String
  /// The crops' names by their number.
  public var cropOrder: [String]
  public var grouping: SnippetGrouping
  /// `SnippetGrouping.rule`.
  public var frameRateRule: String
  public var framesPerSnippet = SnippetFeatures.frameCount
  public var elementType: StoredFloatType
  public var fileFormat: SnippetFeatureFile.Format
  /// Where features come from that were not made here: the folder and the lists'
  /// SHA-256; nil for those that were.
  public var imported: Imported?
  /// Versions by name, one entry for each different set that wrote here.
  public var software: [[String: String]]

  /// The source of imported features.
  public struct Imported: Codable, Sendable, Equatable {
    public var folder: String
    /// SHA-256 of each list by its file name.
    public var lists: [String: String]

    public init(folder: String, lists: [String: String]) {
      self.folder = folder
      self.lists = lists
    }
  }

  public init(
    encoder: EncoderIdentity, pooling: String, crops: FrameCrops,
    grouping: SnippetGrouping = .frames, elementType: StoredFloatType = .float32,
    fileFormat: SnippetFeatureFile.Format = .npy, imported: Imported? = nil,
    software: [[String: String]] = []
  ) {
    self.encoder = encoder
    self.pooling = pooling
    self.crops = crops
    geometry = crops.geometry
    cropOrder = crops.order
    self.grouping = grouping
    frameRateRule = grouping.rule
    self.elementType = elementType
    self.fileFormat = fileFormat
    self.imported = imported
    self.software = software
  }

  /// A readable name with enough of the choices' hash to keep folders apart.
  public var key: String {
    var choices = self
    choices.software = []
    var hash = ContentHash()
    // A record of strings, numbers and lists has JSON.
    hash.update((try? JSONRecord.encode(choices, pretty: false)) ?? Data())
    let name = encoder.model.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
    let suffix = crops == .whole ? "" : "-\(crops.rawValue)"
    return "\(encoder.kind)-\(String(name))\(suffix)-\(hash.finalize().prefix(10))"
  }

  /// Whether both name the same vectors: all choices but how they are stored.
  public func hasSameVectors(as other: SnippetFeatureProvenance) -> Bool {
    var stored = other
    (stored.elementType, stored.fileFormat) = (elementType, fileFormat)
    return key == stored.key
  }
}
