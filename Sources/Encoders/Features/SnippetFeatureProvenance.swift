import Foundation
import Records
import Tensors

/// Every choice behind a folder of snippet features: `provenance.json` in it.
///
/// `key`, the folder's name, depends on the choices; features are reused where it is equal.
/// The versions of all programs and libraries that wrote into the folder are listed but do
/// not change the key: another version of a decoder is no reason to encode a data set again.
public struct SnippetFeatureProvenance: Codable, Sendable, Equatable {
  /// Increases when the same choices would give other numbers.
  public static let currentFormat = 2

  public var format = Self.currentFormat
  /// The encoder of the vectors, with weights and precision.
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
  public var framesPerSnippet = Snippet.frameCount
  public var elementType: StoredFloatType
  public var fileFormat: SnippetFeatureFile.Format
  /// `VideoViews.keyText`: the shape of the pixels and the regions that were ignored; nil for
  /// videos as recorded.
  public var views: String?
  /// The source of imported features: the folder and the lists' SHA-256; nil for features
  /// made here.
  public var imported: Imported?
  /// Versions by name, one entry for each different set that wrote into the folder.
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
    fileFormat: SnippetFeatureFile.Format = .npy, views: String? = nil,
    imported: Imported? = nil, software: [[String: String]] = []
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
    self.views = views
    self.imported = imported
    self.software = software
  }

  /// A readable name with enough of the choices' hash to be unique.
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

  /// Whether both describe the same vectors: all choices except the storage are equal.
  public func hasSameVectors(as other: SnippetFeatureProvenance) -> Bool {
    var stored = other
    (stored.elementType, stored.fileFormat) = (elementType, fileFormat)
    return key == stored.key
  }
}

/// The record of one video's snippet features: `<id>.json` beside them. It is written after
/// them, so that where it exists the features are complete.
public struct SnippetFeatureRecord: Codable, Sendable, Equatable {
  /// The video's path when it was read; the first crop's file for imported features.
  public var path: String
  /// The file's length in bytes.
  public var fileBytes: Int
  /// The fingerprint of the file's content when it was read; a changed file is read again. Nil
  /// for imported features.
  public var contentHash: String?
  /// The number of frames behind the snippets: the decoded ones, or the ticks of
  /// `SnippetGrouping.time`; 16 per row for imported features, whose videos are not
  /// available.
  public var frameCount: Int
  /// The number of decoded frames; nil for imported features.
  public var decodedFrameCount: Int?
  /// The average number of those frames per second, by the timestamps.
  public var frameRate: Double
  /// The number of rows.
  public var snippetCount: Int
  /// The numbers of the stored crops.
  public var crops: [Int]
  /// The crop that scores a video, where a data set's own list names one.
  public var testCrop: Int?
  /// The decoder's warnings.
  public var warnings: [String]

  public init(
    path: String, fileBytes: Int, contentHash: String? = nil, frameCount: Int,
    decodedFrameCount: Int?, frameRate: Double, snippetCount: Int, crops: [Int] = [0],
    testCrop: Int? = nil, warnings: [String] = []
  ) {
    self.path = path
    self.fileBytes = fileBytes
    self.contentHash = contentHash
    self.frameCount = frameCount
    self.decodedFrameCount = decodedFrameCount
    self.frameRate = frameRate
    self.snippetCount = snippetCount
    self.crops = crops
    self.testCrop = testCrop
    self.warnings = warnings
  }

  /// When a snippet begins and ends, in seconds.
  public func interval(ofSnippet index: Int) -> ClosedRange<Double> {
    let rate = frameRate > 0 ? frameRate : 25
    let first = Double(index * Snippet.frameCount) / rate
    let last = Double(min((index + 1) * Snippet.frameCount, frameCount)) / rate
    return first...max(first, last)
  }
}

/// How snippet features are grouped and stored.
public struct SnippetFeatureStorage: Sendable, Equatable {
  public var grouping: SnippetGrouping
  public var elementType: StoredFloatType
  public var fileFormat: SnippetFeatureFile.Format

  public init(
    grouping: SnippetGrouping = .frames, elementType: StoredFloatType = .float32,
    fileFormat: SnippetFeatureFile.Format = .npy
  ) {
    self.grouping = grouping
    self.elementType = elementType
    self.fileFormat = fileFormat
  }
}
