import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Encoders
import Workspaces

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

  /// The encoder; CLIP's weights are those of the visual options.
  func encoder(visual clip: CLIPOptions) throws -> any TextEncoder {
    try TextEncoderChoice(
      choice: encoder, textModel: textModel, serverModel: encoderModel, tokenizer: tokenizer,
      clip: clip
    ).encoder()
  }

  /// The labels' encoder: the descriptions' own, unless another is named.
  func labelEncoder(descriptions: any TextEncoder, visual clip: CLIPOptions) throws
    -> any TextEncoder
  {
    guard
      labelEncoder != nil || labelModel != nil || labelEncoderModel != nil
        || labelTokenizer != nil
    else { return descriptions }
    return try TextEncoderChoice(
      choice: labelEncoder ?? .auto, textModel: labelModel, serverModel: labelEncoderModel,
      tokenizer: labelTokenizer, clip: clip, names: .labels
    ).encoder()
  }

  /// The descriptions' features.
  ///
  /// - Throws: `DescriptionFeatureError` where there are none, several, or those of
  ///   another encoder.
  func cache(of encoder: any TextEncoder, workspace: Workspace, ledger: Ledger) throws
    -> TextFeatureCache
  {
    try TextFeatureCache.find(
      key: textFeatures, of: encoder, workspace: workspace, ledger: ledger)
  }

  /// The features that class prompts are taken from: the descriptions' own where they
  /// are of the labels' encoder, else the newest of that encoder with class prompts.
  func labelCache(
    of encoder: any TextEncoder, descriptions: TextFeatureCache?, workspace: Workspace,
    ledger: Ledger
  ) throws -> TextFeatureCache? {
    if let descriptions, descriptions.recipe.isOf(encoder) { return descriptions }
    return try TextFeatureCache.all(workspace: workspace, ledger: ledger).last {
      try $0.recipe.isOf(encoder)
        && $0.statistics().texts[TextLevel.classPrompt.rawValue, default: 0] > 0
    }
  }
}
