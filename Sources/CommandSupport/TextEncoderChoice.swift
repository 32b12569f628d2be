import Encoders
import Foundation
import HTTP
import Tensors

/// Finds the text encoder that a command line means.
public struct TextEncoderChoice {
  /// What the options are called where the choice was made: errors name them.
  public struct OptionNames: Sendable {
    var encoder: String
    var textModel: String
    var serverModel: String
    var tokenizer: String

    /// The encoder of descriptions.
    public static let descriptions = OptionNames(
      encoder: "--encoder", textModel: "--text-model", serverModel: "--encoder-model",
      tokenizer: "--tokenizer")
    /// The encoder of labels, where it is another.
    public static let labels = OptionNames(
      encoder: "--label-encoder", textModel: "--label-model",
      serverModel: "--label-encoder-model", tokenizer: "--label-tokenizer")
  }

  public var choice: TextChoice
  public var textModel: String?
  /// The served model's name; nil for the only one that is served.
  public var serverModel: String?
  /// The folder of a served model's tokenizer.
  public var tokenizer: String?
  public var clip: CLIPOptions
  public var names: OptionNames

  public init(
    choice: TextChoice, textModel: String? = nil, serverModel: String? = nil,
    tokenizer: String? = nil, clip: CLIPOptions, names: OptionNames = .descriptions
  ) {
    self.choice = choice
    self.textModel = textModel
    self.serverModel = serverModel
    self.tokenizer = tokenizer
    self.clip = clip
    self.names = names
  }

  /// `auto` takes the sentence encoder whose weights are given, else CLIP where weights
  /// are there, else the built-in.
  ///
  /// - Throws: `EncoderError`, `TensorError`, `HTTPError`, `CommandError`.
  public func encoder() throws -> any TextEncoder {
    try check()
    switch choice {
    case .server(let url):
      return try ServerTextEncoder(
        endpoint: url, model: serverModel, key: APIKey.find(),
        counter: tokenizer.map { try TokenCounter(directory: ModelLocator.resolve($0)) })
    case .bert: return try sentenceEncoder()
    case .auto where textModel != nil: return try sentenceEncoder()
    case .auto, .clip:
      return try clip.model(for: choice == .clip ? .clip : .auto) ?? HashedNGramTextEncoder()
    case .builtin: return HashedNGramTextEncoder()
    }
  }

  /// Refuses options that the choice would ignore.
  private func check() throws {
    if !choice.isServer, serverModel != nil || tokenizer != nil {
      throw CommandError.conflicting(
        options: "\(names.serverModel) and \(names.tokenizer) without a server in "
          + names.encoder,
        remedy: "name the server's address, or leave them out")
    }
    if textModel != nil, choice != .bert, choice != .auto {
      throw CommandError.conflicting(
        options: "\(names.textModel) with \(names.encoder) \(choice)",
        remedy: "weights are for \(names.encoder) bert; leave them out")
    }
  }

  private func sentenceEncoder() throws -> BERTTextEncoder {
    guard let textModel else {
      throw CommandError.badValue(
        option: "\(names.encoder) bert", found: "no \(names.textModel)",
        expected: "the weights' folder or id")
    }
    return try BERTTextEncoder(
      directory: ModelLocator.resolve(textModel), arithmetic: clip.arithmetic())
  }
}
