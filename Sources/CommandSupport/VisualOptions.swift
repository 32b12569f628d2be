import ArgumentParser
import Encoders
import Foundation
import Pipeline

/// How sixteen frames become one CLIP feature.
extension CLIPSnippetEncoder.Pooling: ExpressibleByArgument {}

/// How a frame becomes the encoder's input.
public enum CropGeometry: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// CLIP's own preprocessing: the shorter side to 224, the centre.
  case clip
  /// VadCLIP's: 340x256, then crops of 224.
  case vadclip
}

/// `--visual`, `--pool`, `--crops`, `--geometry`, `--features`: which snippet features.
public struct VisualOptions: ParsableArguments {
  @Option(help: "Snippet features: CLIP, the built-in descriptor, or CLIP where weights are there.")
  public var visual: VisualChoice = .auto

  @Option(
    name: [.customLong("pool"), .customLong("pooling")],
    help: "How 16 frames become one CLIP feature.")
  public var pooling: CLIPSnippetEncoder.Pooling = .mean16

  @Option(
    help: ArgumentHelp(
      "Rows a snippet: 1; 5, VadCLIP's centre and corners; 10, those and their mirror images.",
      valueName: "1|5|10"))
  public var crops: Int = 1

  @Option(
    help:
      "How a frame is cut: as CLIP does, or as VadCLIP (340x256, crops of 224; --crops 1 is then its crop 0). (default: clip for 1 crop, vadclip for 5 and 10)"
  )
  public var geometry: CropGeometry?

  @Option(
    help: ArgumentHelp(
      "Take the features that are in features/visual/<key>, and make none; 'imported' for those of 'kess features import'.",
      valueName: "key"))
  public var features: String?

  @OptionGroup public var clip: CLIPOptions

  public init() {}

  public func validate() throws {
    guard FrameCrops.vadclip(crops) != nil else {
      throw ValidationError("--crops must be 1, 5 or 10, found \(crops)")
    }
    guard crops == 1 || geometry != .clip else {
      throw ValidationError("--geometry clip has one crop, found --crops \(crops)")
    }
  }

  /// The crops that `--crops` and `--geometry` mean.
  public var frameCrops: FrameCrops {
    if crops == 1, geometry != .vadclip { return .whole }
    return FrameCrops.vadclip(crops) ?? .whole
  }

  /// The snippet encoder that the options name: on the server that is named, else
  /// by CLIP weights, else built-in.
  ///
  /// - Parameter loaded: a text encoder whose CLIP weights are shared where they
  ///   are the same.
  /// - Throws: `CommandError.conflicting` for crops with the built-in descriptor.
  public func encoder(
    on server: EncoderServerOptions? = nil, reusing loaded: (any TextEncoder)? = nil
  ) throws -> any SnippetEncoder {
    guard let model = try model(for: visual, on: server, reusing: loaded as? CLIPModel) else {
      guard frameCrops == .whole else {
        throw CommandError.conflicting(
          options: "--crops \(crops)\(geometry == .vadclip ? " --geometry vadclip" : "") with the "
            + "built-in descriptor, which measures whole frames",
          remedy: "name CLIP weights with --clip-model, or leave --crops out")
      }
      return BuiltInSnippetEncoder()
    }
    return CLIPSnippetEncoder(model: model, pooling: pooling, crops: frameCrops)
  }

  /// What computes embeddings; nil means the built-in.
  func model(
    for choice: VisualChoice, on server: EncoderServerOptions?, reusing loaded: CLIPModel? = nil
  ) throws -> (any ImageEncoder)? {
    if choice == .builtin, server?.encoder != nil {
      throw CommandError.conflicting(
        options: "--encoder with --visual builtin", remedy: "leave one of them out")
    }
    return try server?.connect(instead: clip) ?? clip.model(for: choice, reusing: loaded)
  }

  /// The store below `root` that the options mean, for stages that use features:
  /// the one `--features` names, else that of the encoder, however it is stored,
  /// else a new one.
  ///
  /// - Parameter loaded: as for `encoder`.
  public func store(root: URL, reusing loaded: (any TextEncoder)? = nil) throws
    -> SnippetFeatureStore
  {
    try named(in: root) ?? .ofVectors(by: encoder(reusing: loaded), in: root)
  }

  /// The store that `--features` names; nil without the option.
  func named(in root: URL) throws -> SnippetFeatureStore? {
    guard let features else { return nil }
    let all = SnippetFeatureStore.all(in: root)
    let found = all.filter {
      features == "imported" ? $0.provenance.imported != nil : $0.key == features
    }
    guard let store = found.first, found.count == 1 else {
      throw CommandError.notReady(
        subject: root.path,
        finding: "\(found.count) stores of features for --features \(features) (there are: "
          + "\(all.map(\.key).joined(separator: ", ")))",
        remedy: found.isEmpty ? "run kess features, or kess features import" : "name one by its key"
      )
    }
    return store
  }
}

extension SnippetFeatureStore {
  /// The store with an encoder's vectors that is there already, whichever way they
  /// are stored, or a new one.
  static func ofVectors(by encoder: any SnippetEncoder, in root: URL) throws -> SnippetFeatureStore
  {
    let wanted = SnippetFeatureProvenance(
      encoder: encoder.identity, pooling: encoder.poolingName, crops: encoder.crops)
    let found = all(in: root).first { $0.provenance.hasSameVectors(as: wanted) }
    return try SnippetFeatureStore(
      root: root, encoder: encoder, provenance: found?.provenance ?? wanted.writtenHere)
  }
}
