import ArgumentParser
import Encoders
import Pipeline

extension ServerPicture.Format: ExpressibleByArgument {}

/// `--encoder URL`: a server that computes CLIP embeddings instead of this machine.
package struct EncoderServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A server for CLIP embeddings, infinity or vLLM, such as http://127.0.0.1:7997/v1; "
        + "a key is read from KESS_API_KEY.", valueName: "url"))
  package var encoder: String?

  @Option(
    help: ArgumentHelp(
      "The server's model. (default: the only one that it serves)", valueName: "name"))
  package var encoderModel: String?

  @Option(
    help:
      "The format of sent images: png, lossless, or jpeg, smaller but with different embeddings.")
  package var encoderPictures: ServerPicture.Format = .png

  package init() {}

  /// The server that is named, or nil.
  ///
  /// - Parameter clip: the options for weights, which exclude a server.
  /// - Throws: `CommandError.conflicting`.
  package func server(instead clip: CLIPOptions) throws -> EncoderServer? {
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
    return EncoderServer(encoder, model: encoderModel, pictures: encoderPictures)
  }
}
