import Encoders
import Foundation
import Video

/// Which snippet features a stage uses, and how missing ones are extracted.
public struct VisualFeatureSource: Sendable, Equatable {
  /// Features that are stored already, so that none are extracted.
  public enum Stored: Sendable, Equatable {
    /// Those in `features/visual/<key>`.
    case key(String)
    /// Those that `FeatureImport` took into the workspace.
    case imported
  }

  public var encoder: VisionEncoderSource
  /// How 16 frames become one CLIP feature.
  public var pooling: CLIPSnippetEncoder.Pooling
  public var crops: FrameCrops
  /// nil for the features of `encoder`.
  public var stored: Stored?
  /// How the videos are read.
  public var views: VideoViews

  public init(
    encoder: VisionEncoderSource = .automatic(CLIPWeights()),
    pooling: CLIPSnippetEncoder.Pooling = .mean16, crops: FrameCrops = .whole,
    stored: Stored? = nil, views: VideoViews = .asRecorded
  ) {
    self.encoder = encoder
    self.pooling = pooling
    self.crops = crops
    self.stored = stored
    self.views = views
  }

  /// The same features of videos that are read with these views.
  public func reading(with views: VideoViews) -> VisualFeatureSource {
    var source = self
    source.views = views
    return source
  }

  /// The snippet encoder: CLIP with the source's pooling and crops, or the built-in descriptor.
  ///
  /// - Parameter loaded: a text encoder whose CLIP weights are shared if they are the same.
  /// - Throws: `PipelineError.conflicting` for crops with the built-in descriptor, and what
  ///   `VisionEncoderSource.encoder` throws.
  public func snippetEncoder(
    reusing loaded: (any TextEncoder)? = nil, reporter: StageReporter = .silent
  ) throws -> any SnippetEncoder {
    guard let model = try encoder.encoder(reusing: loaded as? CLIPModel, reporter: reporter) else {
      guard crops == .whole else {
        throw PipelineError.conflicting(
          subject: "\(crops.rawValue) crops and the built-in descriptor, which measures whole "
            + "frames",
          remedy: "name CLIP weights with --clip-model, or leave out --crops and --geometry")
      }
      return BuiltInSnippetEncoder()
    }
    return CLIPSnippetEncoder(model: model, pooling: pooling, crops: crops)
  }

  /// The store below `root` with these features: the stored ones, else those of the encoder in
  /// whichever form they are stored, else a new store.
  ///
  /// - Parameter loaded: as for `snippetEncoder`.
  /// - Throws: `PipelineError.notReady` for stored features that are missing or ambiguous.
  public func store(
    root: URL, reusing loaded: (any TextEncoder)? = nil, reporter: StageReporter = .silent
  ) throws -> SnippetFeatureStore {
    try storedFeatures(in: root)
      ?? .ofVectors(
        by: snippetEncoder(reusing: loaded, reporter: reporter), views: views, in: root)
  }

  /// The store that `stored` names; nil if it is nil.
  ///
  /// - Throws: `PipelineError.notReady` if there is no such store, or more than one.
  public func storedFeatures(in root: URL) throws -> SnippetFeatureStore? {
    guard let stored else { return nil }
    let all = SnippetFeatureStore.all(in: root)
    let name: String
    let found: [SnippetFeatureStore]
    switch stored {
    case .imported:
      name = "imported"
      found = all.filter { $0.provenance.imported != nil }
    case .key(let key):
      name = key
      found = all.filter { $0.key == key }
    }
    guard let store = found.first, found.count == 1 else {
      throw PipelineError.notReady(
        subject: root.path,
        finding: "\(found.count) stores of features for --features \(name) (there are: "
          + "\(all.map(\.key).joined(separator: ", ")))",
        remedy: found.isEmpty ? "run kess features, or kess features import" : "name one by its key"
      )
    }
    return store
  }
}

extension SnippetFeatureStore {
  /// The existing store with an encoder's vectors, in whichever form they are stored, or a new
  /// one.
  public static func ofVectors(
    by encoder: any SnippetEncoder, views: VideoViews, in root: URL
  ) throws -> SnippetFeatureStore {
    let wanted = SnippetFeatureProvenance(
      encoder: encoder.identity, pooling: encoder.poolingName, crops: encoder.crops,
      views: views.keyText)
    let found = all(in: root).first { $0.provenance.hasSameVectors(as: wanted) }
    return try SnippetFeatureStore(
      root: root, encoder: encoder, provenance: found?.provenance ?? wanted.writtenHere,
      views: views)
  }
}
