import Encoders
import Pipeline

/// The text encoder that a command line means.
package struct TextEncoderChoice {
  /// The names of the options with which the choice was made, for errors.
  package struct OptionNames: Sendable {
    var encoder: String
    var textModel: String
    var serverModel: String
    var tokenizer: String

    /// The encoder of descriptions.
    package static let descriptions = OptionNames(
      encoder: "--encoder", textModel: "--text-model", serverModel: "--encoder-model",
      tokenizer: "--tokenizer")
    /// The encoder of labels, where it is a different one.
    package static let labels = OptionNames(
      encoder: "--label-encoder", textModel: "--label-model",
      serverModel: "--label-encoder-model", tokenizer: "--label-tokenizer")
  }

  package var choice: TextChoice
  package var textModel: String?
  /// The served model's name; nil for the only one that is served.
  package var serverModel: String?
  /// The folder of a served model's tokenizer.
  package var tokenizer: String?
  package var clip: CLIPOptions
  package var names: OptionNames

  package init(
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

  /// Loads or connects to the encoder; warnings go to stderr.
  ///
  /// - Throws: the errors of `source` and of `TextEncoderSource.encoder`.
  package func encoder() throws -> any TextEncoder {
    try source().encoder(reporter: .console())
  }

  /// The encoder that the options mean. `auto` is the sentence encoder whose weights are named,
  /// else CLIP if its weights are there, else the built-in.
  ///
  /// - Throws: `CommandError` for options that the choice would ignore.
  package func source() throws -> TextEncoderSource {
    try check()
    switch choice {
    case .server(let url): return .server(url, model: serverModel, tokenizer: tokenizer)
    case .bert:
      guard let textModel else {
        throw CommandError.badValue(
          option: "\(names.encoder) bert", found: "no \(names.textModel)",
          expected: "the weights' folder or id")
      }
      return .bert(textModel, precision: clip.precision)
    case .auto:
      return textModel.map { .bert($0, precision: clip.precision) } ?? .automatic(clip.weights)
    case .clip: return .clip(clip.weights)
    case .builtin: return .builtIn
    }
  }

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
}
