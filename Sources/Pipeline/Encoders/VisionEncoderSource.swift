import Encoders
import Foundation
import HTTP
import Tensors

/// CLIP weights on this machine, and the arithmetic in which they are used.
public struct CLIPWeights: Sendable, Equatable {
  /// A folder (Hugging Face's, open_clip's or OpenAI's layout), or the id of a model in the
  /// Hugging Face cache; nil for the first CLIP in that cache.
  public var location: String?
  public var precision: LinearPrecision

  public init(_ location: String? = nil, precision: LinearPrecision = .f32) {
    self.location = location
    self.precision = precision
  }

  /// Whether there are weights to load: named ones count without a look at the disk.
  public var isAvailable: Bool { location != nil || ModelLocator.firstAvailableCLIP() != nil }

  /// Loads the model.
  ///
  /// - Parameter loaded: returned if it has the same folder and arithmetic.
  /// - Throws: `PipelineError.notReady` if no weights are found, `EncoderError`, `TensorError`.
  public func model(reusing loaded: CLIPModel? = nil, reporter: StageReporter = .silent) throws
    -> CLIPModel
  {
    let directory = try directory()
    if let loaded, loaded.directory == directory,
      loaded.arithmetic == LinearArithmetic(for: precision)
    {
      return loaded
    }
    let model = try CLIPModel(
      directory: directory, arithmetic: precision.arithmetic(reporter: reporter))
    if model.activationIsAssumed {
      reporter.warning(
        "\(directory.path): no config.json or open_clip_config.json: sizes are read off the "
          + "weights, and the activation is taken to be OpenAI's QuickGELU")
    }
    return model
  }

  private func directory() throws -> URL {
    if let location { return try ModelLocator.resolve(location) }
    guard let found = ModelLocator.firstAvailableCLIP() else {
      throw PipelineError.notReady(
        subject: "CLIP weights", finding: "none in the Hugging Face cache",
        remedy: "name a folder with --clip-model, or download openai/clip-vit-base-patch16")
    }
    return found
  }
}

extension LinearPrecision {
  /// The arithmetic of this precision on this processor; warns where that is f32 instead.
  func arithmetic(reporter: StageReporter) -> LinearArithmetic {
    let arithmetic = LinearArithmetic(for: self)
    if !arithmetic.serves(self) {
      reporter.warning(
        "--precision \(rawValue): \(CPUFeatures.current.name) has no instructions for it; "
          + "running in f32")
    }
    return arithmetic
  }
}

/// A server that computes CLIP embeddings: infinity or vLLM.
public struct EncoderServer: Sendable, Equatable {
  /// The base URL, such as `http://127.0.0.1:7997/v1`.
  public var endpoint: String
  /// The served model's name; nil for the only one that is served.
  public var model: String?
  public var pictures: ServerPicture.Format

  public init(_ endpoint: String, model: String? = nil, pictures: ServerPicture.Format = .png) {
    self.endpoint = endpoint
    self.model = model
    self.pictures = pictures
  }

  /// Connects with the API key of the environment; blocks until the server has answered.
  ///
  /// - Throws: `EncoderError.server`, `HTTPError`.
  public func connect() throws -> ServerEncoder {
    try ServerEncoder(
      endpoint: endpoint, model: model, key: APIKey.find(),
      options: ServerEncoder.Options(format: pictures))
  }
}

/// What embeds images, and texts in the same space.
public enum VisionEncoderSource: Sendable, Equatable {
  /// CLIP if its weights are there, else the built-in method of the stage.
  case automatic(CLIPWeights)
  case clip(CLIPWeights)
  case server(EncoderServer)
  /// The built-in method of the stage, which needs no weights.
  case builtIn

  /// Loads the weights or connects to the server; nil for the built-in method.
  ///
  /// - Parameter loaded: a model to use instead of loading the same one again.
  /// - Throws: `PipelineError`, `EncoderError`, `TensorError`, `HTTPError`.
  public func encoder(reusing loaded: CLIPModel? = nil, reporter: StageReporter = .silent) throws
    -> (any VisionLanguageEncoder)?
  {
    switch self {
    case .builtIn: nil
    case .server(let server): try server.connect()
    case .clip(let weights): try weights.model(reusing: loaded, reporter: reporter)
    case .automatic(let weights):
      weights.isAvailable ? try weights.model(reusing: loaded, reporter: reporter) : nil
    }
  }

  /// A copy in which `automatic` is replaced by the kind of encoder that an earlier stage used.
  public func like(builtIn: Bool) -> VisionEncoderSource {
    guard case .automatic(let weights) = self else { return self }
    return builtIn ? .builtIn : .clip(weights)
  }
}
