import Encoders
import HTTP
import Tensors

/// What embeds texts.
public enum TextEncoderSource: Sendable, Equatable {
  /// CLIP if its weights are there, else the built-in encoder.
  case automatic(CLIPWeights)
  case clip(CLIPWeights)
  /// A BERT-family sentence encoder: its folder or the id of a model in the Hugging Face cache.
  case bert(String, precision: LinearPrecision)
  /// A server with `/v1/embeddings`. `model` is nil for the only one that is served;
  /// `tokenizer` is the folder or cached id with the model's tokenizer, because a server does
  /// not count tokens.
  case server(String, model: String?, tokenizer: String?)
  /// Hashed n-grams.
  case builtIn

  /// Loads the weights or connects to the server.
  ///
  /// - Throws: `PipelineError`, `EncoderError`, `TensorError`, `HTTPError`.
  public func encoder(reporter: StageReporter = .silent) throws -> any TextEncoder {
    switch self {
    case .builtIn: HashedNGramTextEncoder()
    case .clip(let weights): try weights.model(reporter: reporter)
    case .automatic(let weights):
      weights.isAvailable ? try weights.model(reporter: reporter) : HashedNGramTextEncoder()
    case .bert(let location, let precision):
      try BERTTextEncoder(
        directory: ModelLocator.resolve(location),
        arithmetic: precision.arithmetic(reporter: reporter))
    case .server(let endpoint, let model, let tokenizer):
      try ServerTextEncoder(
        endpoint: endpoint, model: model, key: APIKey.find(),
        counter: tokenizer.map { try TokenCounter(directory: ModelLocator.resolve($0)) })
    }
  }
}
