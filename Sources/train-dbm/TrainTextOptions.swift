import ArgumentParser
import CommandSupport
import Encoders

/// Which text encoder made the description features, and reads the labels.
struct TrainTextOptions: ParsableArguments {
  @Option(help: "Text encoder of descriptions and labels: as it was given to embed.")
  var encoder: TextChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Sentence encoder weights, as given to embed.", valueName: "dir|id"))
  var textModel: String?

  init() {}

  /// The encoder; CLIP's weights are those of the visual options.
  func encoder(visual clip: CLIPOptions) throws -> any TextEncoder {
    try TextEncoderChoice(choice: encoder, textModel: textModel, clip: clip).encoder()
  }
}
