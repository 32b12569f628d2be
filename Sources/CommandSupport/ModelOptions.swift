import ArgumentParser
import Pipeline
import Tensors

/// Which implementation of a stage to use.
package enum VisualChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case auto, clip, builtin
}

extension LinearPrecision: ExpressibleByArgument {}

/// `--clip-model`, `--precision`: which CLIP weights, and how exactly they are used.
package struct CLIPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "CLIP weights: a folder (Hugging Face's, open_clip's or OpenAI's layout), or the id of a model in the Hugging Face cache.",
      valueName: "dir|id"))
  package var clipModel: String?

  @Option(
    help:
      "Arithmetic of the encoder's linear layers: f32 (embeddings within 1e-4), bf16 (16-bit floats, within 0.05, or 0.02 on AVX-512 FP16), int8 (8-bit, within 0.1); f32 where the processor lacks it. kess doctor names what is used."
  )
  package var precision: LinearPrecision = .f32

  package init() {}

  /// The weights that the options name.
  package var weights: CLIPWeights { CLIPWeights(clipModel, precision: precision) }
}

extension VisualChoice {
  /// The encoder that this choice means together with the options beside it.
  ///
  /// - Parameter option: the choice's own option, for errors.
  /// - Throws: `CommandError.conflicting` for options that the choice would ignore.
  package func source(
    of option: String, clip: CLIPOptions, server: EncoderServerOptions? = nil
  ) throws -> VisionEncoderSource {
    if self == .builtin, server?.encoder != nil {
      throw CommandError.conflicting(
        options: "--encoder with \(option) builtin", remedy: "leave one of them out")
    }
    if let server = try server?.server(instead: clip) { return .server(server) }
    switch self {
    case .auto: return .automatic(clip.weights)
    case .clip: return .clip(clip.weights)
    case .builtin:
      if clip.clipModel != nil {
        throw CommandError.conflicting(
          options: "--clip-model with a built-in choice", remedy: "leave one of them out")
      }
      return .builtIn
    }
  }
}
