import ArgumentParser
import Encoders
import Foundation
import Tensors

/// Which implementation of a stage is asked for.
public enum VisualChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case auto, clip, builtin
}

extension LinearPrecision: ExpressibleByArgument {}

/// `--clip-model`, `--precision`: which CLIP weights, and how exactly they are used.
public struct CLIPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "CLIP weights: a folder (Hugging Face's, open_clip's or OpenAI's layout), or a hub id that is in the Hugging Face cache.",
      valueName: "dir|id"))
  public var clipModel: String?

  @Option(
    help:
      "Arithmetic of the encoder's linear layers: f32 (embeddings within 1e-4), bf16 (16-bit floats, within 0.05, or 0.02 on AVX-512 FP16), int8 (8-bit, within 0.1); f32 where the processor lacks it. kess doctor names what is used."
  )
  public var precision: LinearPrecision = .f32

  public init() {}

  /// The CLIP model for a choice: nil means the built-in.
  ///
  /// `auto` takes the model that `--clip-model` names, else the first CLIP in
  /// the Hugging Face cache, else none.
  ///
  /// - Parameter loaded: taken in place of reading the same folder again.
  public func model(for choice: VisualChoice, reusing loaded: CLIPModel? = nil) throws
    -> CLIPModel?
  {
    switch choice {
    case .builtin:
      if clipModel != nil {
        throw CommandError.conflicting(
          options: "--clip-model with a built-in choice", remedy: "leave one of them out")
      }
      return nil
    case .clip:
      return try load(reusing: loaded)
    case .auto:
      guard clipModel != nil || ModelLocator.firstAvailableCLIP() != nil else { return nil }
      return try load(reusing: loaded)
    }
  }

  private func load(reusing loaded: CLIPModel?) throws -> CLIPModel {
    let directory = try directory()
    if let loaded, loaded.directory == directory,
      loaded.arithmetic == LinearArithmetic(for: precision)
    {
      return loaded
    }
    let arithmetic = arithmetic()
    let model = try CLIPModel(directory: directory, arithmetic: arithmetic)
    if model.activationIsAssumed {
      Console.warning(
        "\(directory.path): no config.json or open_clip_config.json: sizes are read off the "
          + "weights, and the activation is taken to be OpenAI's QuickGELU")
    }
    return model
  }

  /// What `--precision` means on this processor; says so where that is f32 in its stead.
  func arithmetic() -> LinearArithmetic {
    let arithmetic = LinearArithmetic(for: precision)
    if !arithmetic.serves(precision) {
      Console.warning(
        "--precision \(precision.rawValue): \(CPUFeatures.current.name) has no instructions for it; running in f32"
      )
    }
    return arithmetic
  }

  private func directory() throws -> URL {
    if let clipModel { return try ModelLocator.resolve(clipModel) }
    guard let found = ModelLocator.firstAvailableCLIP() else {
      throw CommandError.notReady(
        subject: "CLIP weights", finding: "none in the Hugging Face cache",
        remedy: "name a folder with --clip-model, or download openai/clip-vit-base-patch16")
    }
    return found
  }
}
