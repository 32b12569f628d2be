import Encoders
import Foundation
import HTTP
import Tensors

/// Finds the text encoder that a command line means.
public struct TextEncoderChoice {
  public var choice: TextChoice
  public var textModel: String?
  /// The served model's name; nil for the only one that is served.
  public var serverModel: String?
  /// The folder of a served model's tokenizer.
  public var tokenizer: String?
  public var clip: CLIPOptions

  public init(
    choice: TextChoice, textModel: String? = nil, serverModel: String? = nil,
    tokenizer: String? = nil, clip: CLIPOptions
  ) {
    self.choice = choice
    self.textModel = textModel
    self.serverModel = serverModel
    self.tokenizer = tokenizer
    self.clip = clip
  }

  /// `auto` takes `--text-model` where it is given, else CLIP where weights are
  /// there, else the built-in.
  ///
  /// - Throws: `EncoderError`, `TensorError`, `HTTPError`, `CommandError`.
  public func encoder() throws -> any TextEncoder {
    if case .server(let url) = choice {
      return try ServerTextEncoder(
        endpoint: url, model: serverModel, key: APIKey.find(),
        counter: tokenizer.map { try TokenCounter(directory: ModelLocator.resolve($0)) })
    }
    guard serverModel == nil, tokenizer == nil else {
      throw CommandError.conflicting(
        options: "--encoder-model and --tokenizer without a server in --encoder",
        remedy: "name the server's address, or leave them out")
    }
    if choice == .bert || (choice == .auto && textModel != nil) {
      return try sentenceEncoder()
    }
    let model: CLIPModel? =
      switch choice {
      case .clip: try clip.model(for: .clip)
      case .auto: try clip.model(for: .auto)
      case .builtin, .bert, .server: nil
      }
    return model ?? HashedNGramTextEncoder()
  }

  private func sentenceEncoder() throws -> BERTTextEncoder {
    guard let textModel else {
      throw CommandError.badValue(
        option: "--encoder bert", found: "no --text-model", expected: "the weights' folder or id")
    }
    return try BERTTextEncoder(
      directory: ModelLocator.resolve(textModel), arithmetic: clip.arithmetic())
  }
}
