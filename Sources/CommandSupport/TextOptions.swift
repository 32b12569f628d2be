import ArgumentParser
import DescriptionFeatures
import Encoders
import Tensors

extension LongTextRule: ExpressibleByArgument {}
extension StoredFloatType: ExpressibleByArgument {}

/// `--encoder`, `--text-model` and related options: which text encoder.
package struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Text encoder: clip; bert, a BERT-family sentence encoder; builtin, hashed n-grams; auto, CLIP if its weights are there, else the built-in; or a server's address with /v1/embeddings.",
      valueName: "auto|clip|bert|builtin|url"))
  package var encoder: TextChoice = .auto

  @Option(
    help: ArgumentHelp(
      "Sentence encoder weights (such as all-MiniLM-L6-v2): a folder or a cached hub id.",
      valueName: "dir|id"))
  package var textModel: String?

  @Option(
    help: ArgumentHelp(
      "The server's model. (default: the only one that it serves)", valueName: "name"))
  package var encoderModel: String?

  @Option(
    help: ArgumentHelp(
      "The folder or cached hub id with the served model's tokenizer, because a server does not count tokens.",
      valueName: "dir|id"))
  package var tokenizer: String?

  @OptionGroup package var clip: CLIPOptions

  package init() {}

  /// The text encoder that the options name.
  package func textEncoder() throws -> any TextEncoder {
    try TextEncoderChoice(
      choice: encoder, textModel: textModel, serverModel: encoderModel, tokenizer: tokenizer,
      clip: clip
    ).encoder()
  }
}

/// `--long`, `--prefix`, `--dtype`: how an encoder's vectors become features.
package struct TextRecipeOptions: ParsableArguments {
  @Option(
    help:
      "Texts over the encoder's limit: sentences, grouped below the limit and averaged by length; windows, overlapping runs of words; truncate, cut off and counted."
  )
  package var long: LongTextRule = .sentences

  @Option(
    help: ArgumentHelp(
      "A prefix of every text, for encoders that expect one ('passage: ').",
      valueName: "text"))
  package var prefix: String = ""

  @Option(help: "How vectors are stored.")
  package var dtype: StoredFloatType = .float32

  package init() {}

  /// The recipe for an encoder.
  package func recipe(of encoder: any TextEncoder) -> TextFeatureRecipe {
    TextFeatureRecipe(encoder: encoder, longText: long, elementType: dtype, prefix: prefix)
  }
}
