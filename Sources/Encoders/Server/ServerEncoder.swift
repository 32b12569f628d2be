import Foundation
import HTTP
import Records
import Tensors
import Video

/// Pictures and strings as vectors of one space, computed by a server: infinity, vLLM, and
/// servers with the same interface.
///
/// Calls block their thread until the server has answered; the exchange itself runs on
/// threads of its own. One call has at most `requestsInFlight` open requests, and only their
/// pictures exist in encoded form.
public final class ServerEncoder: VisionLanguageEncoder, Sendable {
  /// Settings; the defaults suit a server on the same network.
  public struct Options: Sendable {
    public var format: ServerPicture.Format
    /// For a dialect with several pictures per request; vLLM's has one.
    public var picturesPerRequest: Int
    public var textsPerRequest: Int
    public var requestsInFlight: Int
    /// Nil for `describe`'s rules.
    public var retry: RetryPolicy?
    public var timeouts: HTTPTimeouts

    public init(
      format: ServerPicture.Format = .png, picturesPerRequest: Int = 8,
      textsPerRequest: Int = 32, requestsInFlight: Int = 4, retry: RetryPolicy? = nil,
      timeouts: HTTPTimeouts = HTTPTimeouts(firstByteSeconds: 120)
    ) {
      self.format = format
      self.picturesPerRequest = max(1, picturesPerRequest)
      self.textsPerRequest = max(1, textsPerRequest)
      self.requestsInFlight = max(1, requestsInFlight)
      self.retry = retry
      self.timeouts = timeouts
    }
  }

  /// Kind `http`, the served model's name, and the pictures' form where it is not the
  /// default. The endpoint is recorded but not compared.
  public let identity: EncoderIdentity
  /// The model's longest text as the server reports it; the server cuts longer ones.
  public let maximumTokens: Int?
  /// How pictures are sent.
  public let picture: ServerPicture
  /// The dialect that the probe found; `messages` for vLLM, `modality` for infinity.
  package let dialect: EmbeddingDialect
  private let options: Options
  private let requests: ServerRequests

  /// Probes a server and makes an encoder for it: one request for its models and a few
  /// small ones for embeddings.
  ///
  /// - Parameters:
  ///   - endpoint: the base URL, such as `http://127.0.0.1:7997/v1`.
  ///   - model: a served model's name; nil for the only one that is served.
  /// - Throws: `HTTPError.badEndpoint`, `EncoderError.server`.
  public init(
    endpoint: String, model: String? = nil, key: APIKey? = nil, options: Options = Options()
  ) throws {
    let (requests, served, found) = try ServerRequests.open(
      endpoint, model: model, key: key, options: options
    ) { try await ServerProbe(exchange: $0, format: options.format).find() }
    self.requests = requests
    self.options = options
    dialect = found.dialect
    picture = ServerPicture(format: options.format, side: found.side)
    maximumTokens = served.contextTokens
    identity = requests.identity(dimension: found.dimension, pictures: picture)
  }

  /// - Throws: `EncoderError.tokenCountUnknown`, always: this interface has no
  ///   count of tokens before the cut.
  public func tokenCount(of text: String) throws -> Int {
    throw EncoderError.tokenCountUnknown(encoder: identity.description)
  }

  /// The server's embeddings of pictures, [n, dimension]: of length 1 from vLLM and
  /// infinity.
  ///
  /// - Throws: `EncoderError.server`, `EncoderError.unusablePicture`.
  public func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
    let count = dialect.picturesPerRequest(options.picturesPerRequest)
    return try requests.encode(images, perRequest: count, width: identity.dimension) {
      [self] batch in
      try await requests.exchange.pictures(
        batch.map { try picture.address(of: $0) }, in: dialect, dimension: identity.dimension)
    }
  }

  /// The server's embeddings of strings, [n, dimension]; it cuts strings that are longer
  /// than the model's limit.
  ///
  /// - Throws: `EncoderError.server`.
  public func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    try requests.encode(texts, perRequest: options.textsPerRequest, width: identity.dimension) {
      [self] batch in
      try await requests.exchange.texts(Array(batch), in: dialect, dimension: identity.dimension)
    }
  }
}

/// The form in which pictures are sent to a server.
public struct ServerPicture: Sendable, Equatable {
  /// The file format: PNG gives the local encoder's embeddings, JPEG does not.
  /// `Documentation/encoder-servers.md` has the figures.
  public enum Format: String, Sendable, CaseIterable, Codable {
    /// Lossless.
    case png
    /// Quality 95, 4:4:4: fewer bytes, other pixels.
    case jpeg
  }

  public var format: Format
  /// The side of the model's input. Where it is known, the picture is resized and cropped
  /// like CLIP's input before it is sent, so that the server does not resize it; where it
  /// is nil, the whole picture is sent.
  public var side: Int?

  public init(format: Format = .png, side: Int? = nil) {
    self.format = format
    self.side = side
  }

  /// The difference from the local encoder's pictures: nil for PNG at the model's side.
  var loss: String? {
    let parts = [
      format == .png ? nil : "\(format.rawValue) pictures",
      side == nil ? "pictures sized by the server" : nil,
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// A `data:` URL with the picture.
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
