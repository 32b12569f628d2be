import ArgumentParser
import Encoders
import Pipeline

extension CLIPSnippetEncoder.Pooling: ExpressibleByArgument {}

/// How a frame becomes the encoder's input.
package enum CropGeometry: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// CLIP's own preprocessing: the shorter side to 224, the centre.
  case clip
  /// VadCLIP's: 340x256, then crops of 224.
  case vadclip
}

/// `--visual`, `--pool`, `--crops`, `--geometry`, `--features`: which snippet features.
package struct VisualOptions: ParsableArguments {
  @Option(
    help: "Snippet features: CLIP, the built-in descriptor, or auto: CLIP if its weights are there."
  )
  package var visual: VisualChoice = .auto

  @Option(
    name: [.customLong("pool"), .customLong("pooling")],
    help: "How 16 frames become one CLIP feature.")
  package var pooling: CLIPSnippetEncoder.Pooling = .mean16

  @Option(
    help: ArgumentHelp(
      "Rows per snippet: 1; 5, VadCLIP's centre and corners; 10, those and their mirror images.",
      valueName: "1|5|10"))
  package var crops: Int = 1

  @Option(
    help:
      "How a frame is cut: as CLIP does, or as VadCLIP (340x256, crops of 224; --crops 1 is then its crop 0). (default: clip for 1 crop, vadclip for 5 and 10)"
  )
  package var geometry: CropGeometry?

  @Option(
    help: ArgumentHelp(
      "Use the stored features in features/visual/<key> and extract none; 'imported' for those of 'kess features import'.",
      valueName: "key"))
  package var features: String?

  @OptionGroup package var clip: CLIPOptions

  package init() {}

  package func validate() throws {
    guard FrameCrops.vadclip(crops) != nil else {
      throw ValidationError("--crops must be 1, 5 or 10, found \(crops)")
    }
    guard crops == 1 || geometry != .clip else {
      throw ValidationError("--geometry clip has one crop, found --crops \(crops)")
    }
  }

  /// The crops that `--crops` and `--geometry` mean.
  package var frameCrops: FrameCrops {
    if crops == 1, geometry != .vadclip { return .whole }
    return FrameCrops.vadclip(crops) ?? .whole
  }

  /// The features that the options mean.
  ///
  /// - Parameter server: the options of a server that embeds images, where the command has them.
  /// - Throws: `CommandError.conflicting`.
  package func source(on server: EncoderServerOptions? = nil) throws -> VisualFeatureSource {
    VisualFeatureSource(
      encoder: try visual.source(of: "--visual", clip: clip, server: server), pooling: pooling,
      crops: frameCrops,
      stored: features.map { $0 == "imported" ? .imported : .key($0) })
  }
}
