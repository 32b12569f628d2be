import ArgumentParser
import Encoders
import HTTP

extension ServerPicture.Format: ExpressibleByArgument {}

/// `--encoder URL`: a server that computes CLIP embeddings in this machine's stead.
public struct EncoderServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A server for CLIP embeddings, infinity or vLLM, such as http://127.0.0.1:7997/v1; "
        + "a key is read from KESS_API_KEY.", valueName: "url"))
  public var encoder: String?

  @Option(
    help: ArgumentHelp(
      "The server's model. (default: the only one that it serves)", valueName: "name"))
  public var encoderModel: String?

  @Option(
    help: "How pictures are sent: png without loss, or jpeg, smaller and with other embeddings.")
  public var encoderPictures: ServerPicture.Format = .png

  public init() {}

  /// The encoder of the server that is named, or nil. It blocks while it looks
  /// at the server.
  ///
  /// - Parameter clip: the options for weights, which exclude a server.
  /// - Throws: `EncoderError.server`, `HTTPError`, `CommandError.conflicting`.
  public func connect(instead clip: CLIPOptions) throws -> ServerEncoder? {
    guard let encoder else {
      if encoderModel != nil {
        throw CommandError.conflicting(
          options: "--encoder-model without --encoder", remedy: "name the server's address")
      }
      return nil
    }
    guard clip.clipModel == nil else {
      throw CommandError.conflicting(
        options: "--encoder and --clip-model", remedy: "leave one of them out")
    }
    return try ServerEncoder(
      endpoint: encoder, model: encoderModel, key: APIKey.find(),
      options: ServerEncoder.Options(format: encoderPictures))
  }
}
