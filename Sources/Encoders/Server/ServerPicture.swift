import Foundation
import Video

/// How a picture travels to a server.
public struct ServerPicture: Sendable, Equatable {
  /// The file format: PNG gives the local encoder's embeddings, JPEG does not.
  /// `Documentation/encoder-servers.md` has the figures.
  public enum Format: String, Sendable, CaseIterable, Codable {
    /// Without loss.
    case png
    /// Quality 95, 4:4:4: fewer bytes, other pixels.
    case jpeg
  }

  public var format: Format
  /// The side of the model's input. Where it is known, the picture is resized and
  /// cut as CLIP does it before it is sent, so that the server has nothing to
  /// resize; where it is nil, it is sent whole.
  public var side: Int?

  public init(format: Format = .png, side: Int? = nil) {
    self.format = format
    self.side = side
  }

  /// What sets its embeddings apart from the local encoder's: nil for PNG at the
  /// model's side.
  var loss: String? {
    let parts = [
      format == .png ? nil : "\(format.rawValue) pictures",
      side == nil ? "pictures sized by the server" : nil,
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// A `data:` address with the picture.
  ///
  /// - Throws: `EncoderError.unusablePicture`, `VideoError.cannotEncode`.
  func address(of image: RGBImage) throws -> String {
    let image = try side.map { try CLIPImageProcessor(side: $0).prepared(image) } ?? image
    switch format {
    case .png:
      return "data:image/png;base64," + (try PNGCodec.encode(image)).base64EncodedString()
    case .jpeg:
      return "data:image/jpeg;base64,"
        + (try JPEGCodec.encode(image, quality: 95, fullChroma: true)).base64EncodedString()
    }
  }
}
