import ArgumentParser
import DescriptionFeatures
import Encoders
import Tensors

extension LongTextRule: ExpressibleByArgument {}
extension StoredFloatType: ExpressibleByArgument {}

/// `--encoder`, `--text-model` and related options: which text encoder.
public struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Text encoder: clip; bert, a BERT-family sentence encoder; builtin, hashed n-grams; auto, CLIP if its weights are there, else the built-in; or a server's address with /v1/embeddings.",
      valueName: "auto|clip|bert|builtin|url"))
  public var encoder: TextChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Sentence encoder weights (such as all-MiniLM-L6-v2): a folder or a cached hub id.",
      valueName: "dir|id"))
  public var textModel: String?

  @Option(
    help: ArgumentHelp(
      "The server's model. (default: the only one that it serves)", valueName: "name"))
  public var encoderModel: String?

  @Option(
    help: ArgumentHelp(
      "The folder or cached hub id with the served model's tokenizer, because a server does not count tokens.",
      valueName: "dir|id"))
  public var tokenizer: String?

  @OptionGroup public var clip: CLIPOptions

  public init() {}

  /// The text encoder that the options name.
  public func textEncoder() throws -> any TextEncoder {
    try TextEncoderChoice(
      choice: encoder, textModel: textModel, serverModel: encoderModel, tokenizer: tokenizer,
      clip: clip
    ).encoder()
  }
}

/// `--long`, `--prefix`, `--dtype`: how an encoder's vectors become features.
public struct TextRecipeOptions: ParsableArguments {
  @Option(
    help:
      "Texts over the encoder's limit: sentences, grouped below the limit and averaged by length; windows, overlapping runs of words; truncate, cut off and counted."
  )
  public var long: LongTextRule = .sentences

  @Option(
    help: ArgumentHelp(
      "A prefix of every text, for encoders that expect one ('passage: ').",
      valueName: "text"))
  public var prefix: String = ""

  @Option(help: "How vectors are stored.")
  public var dtype: StoredFloatType = .float32

  public init() {}

  /// The recipe for an encoder.
  public func recipe(of encoder: any TextEncoder) -> TextFeatureRecipe {
    TextFeatureRecipe(encoder: encoder, longText: long, elementType: dtype, prefix: prefix)
  }
}
