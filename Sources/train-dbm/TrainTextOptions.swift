import ArgumentParser
import CommandSupport
import Pipeline

/// Which text encoder made the description features, and which reads the labels.
struct TrainTextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Text encoder of the descriptions: as it was given to embed.",
      valueName: "auto|clip|bert|builtin|url"))
  var encoder: TextChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Sentence encoder weights, as given to embed.", valueName: "dir|id"))
  var textModel: String?

  @Option(help: ArgumentHelp("The server's model, as given to embed.", valueName: "name"))
  var encoderModel: String?

  @Option(
    help: ArgumentHelp(
      "The folder with the served model's tokenizer, as given to embed.", valueName: "dir|id"))
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "Which text features, where embed made several with one encoder.", valueName: "key"))
  var textFeatures: String?

  @Option(
    help: ArgumentHelp(
      "Text encoder of the labels. (default: that of the descriptions)",
      valueName: "auto|clip|bert|builtin|url"))
  var labelEncoder: TextChoice?

  @Option(
    help: ArgumentHelp("Sentence encoder weights for the labels.", valueName: "dir|id"))
  var labelModel: String?

  @Option(
    help: ArgumentHelp(
      "The model of the labels' server. (default: the only one that it serves)",
      valueName: "name"))
  var labelEncoderModel: String?

  @Option(
    help: ArgumentHelp(
      "The folder with the tokenizer of the labels' served model.", valueName: "dir|id"))
  var labelTokenizer: String?

  init() {}

  /// All that a training reads features and texts by.
  func sources(visual: VisualOptions) throws -> TrainingSources {
    TrainingSources(
      visual: try visual.source(), descriptions: try descriptions(visual: visual.clip),
      labels: try labels(visual: visual.clip), textFeaturesKey: textFeatures)
  }

  /// The descriptions' encoder; CLIP's weights are those of the visual options.
  func descriptions(visual clip: CLIPOptions) throws -> TextEncoderSource {
    try TextEncoderChoice(
      choice: encoder, textModel: textModel, serverModel: encoderModel, tokenizer: tokenizer,
      clip: clip
    ).source()
  }

  /// The labels' encoder; nil for that of the descriptions.
  func labels(visual clip: CLIPOptions) throws -> TextEncoderSource? {
    guard
      labelEncoder != nil || labelModel != nil || labelEncoderModel != nil
        || labelTokenizer != nil
    else { return nil }
    return try TextEncoderChoice(
      choice: labelEncoder ?? .auto, textModel: labelModel, serverModel: labelEncoderModel,
      tokenizer: labelTokenizer, clip: clip, names: .labels
    ).source()
  }
}
