import Foundation
import HTTP
import Records
import Video

/// Describes videos through a server with OpenAI's chat interface: chosen frames
/// as base64 JPEGs in time order, each with its time, the instruction last.
public struct OpenAIDescriber: Describer {
  /// What may be set; the defaults are right for Qwen2.5-VL.
  public struct Options: Sendable {
    public var sampling: SamplingParameters
    public var budget: QwenImageBudget
    /// 1 to 100.
    public var jpegQuality: Int
    public var retry: RetryPolicy
    public var timeouts: HTTPTimeouts

    public init(
      sampling: SamplingParameters = SamplingParameters(),
      budget: QwenImageBudget = QwenImageBudget(), jpegQuality: Int = 90,
      retry: RetryPolicy = RetryPolicy(), timeouts: HTTPTimeouts = HTTPTimeouts()
    ) {
      self.sampling = sampling
      self.budget = budget
      self.jpegQuality = jpegQuality
      self.retry = retry
      self.timeouts = timeouts
    }
  }

  public let identity: DescriberIdentity
  public let options: Options
  /// The most tokens of question and answer together, where the server says so.
  public let contextTokens: Int?
  private let server: ModelServer
  private let dialect = ChatDialect()
  private let preparing = BlockingWork(width: BlockingWork.cores)

  /// Looks at a server and makes a describer for it.
  ///
  /// - Parameters:
  ///   - endpoint: the base URL, such as `http://127.0.0.1:8000/v1`.
  ///   - model: a served model's name; nil for the only one that is served.
  /// - Throws: `HTTPError.badEndpoint`, `.serverUnreachable` (within the
  ///   connect timeout), `.unauthorized`, `.notAChatServer`, `.unknownModel`,
  ///   `.modelNotClear`.
  public static func connect(
    endpoint: String, model: String? = nil, key: APIKey? = nil, options: Options = Options(),
    client: HTTPClient? = nil
  ) async throws -> OpenAIDescriber {
    let endpoint = try ServerEndpoint(endpoint)
    let server = ModelServer(
      endpoint: endpoint, client: try client ?? HTTPClient(), key: key,
      timeouts: options.timeouts)
    do {
      return OpenAIDescriber(
        server: server, model: try await server.model(named: model), options: options)
    } catch let failure as ServerFailure {
      throw DescriptionError(failure, endpoint: endpoint.base)
    }
  }

  private init(server: ModelServer, model: ModelServer.ServedModel, options: Options) {
    self.server = server
    self.options = options
    contextTokens = model.contextTokens
    identity = DescriberIdentity(
      kind: .openai, model: model.id, endpoint: server.endpoint.base)
  }

  public var configuration: DescriberConfiguration {
    let budget = options.budget
    return DescriberConfiguration(
      layout: "stills",
      preparation: "smart-resize \(budget.factor) \(budget.minimumPixels) "
        + "\(budget.maximumPixels), swscale, jpeg \(options.jpegQuality), 1",
      sampling: options.sampling, usesPrompt: true, readsVideoFile: false)
  }

  public func cost(ofFrameWidth width: Int, height: Int) throws -> FrameCost? {
    guard let cost = options.budget.cost(width: width, height: height) else {
      throw DescriptionError.unusableFrame(
        video: "\(width)x\(height)",
        reason: "one side is over \(Int(QwenImageBudget.maximumAspectRatio)) times the other")
    }
    return cost
  }

  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let body = try await preparing.run { try self.body(of: request) }
    let loop = ChatRetryLoop(
      server: server, dialect: dialect, policy: options.retry, identity: identity)
    return try await loop.ask(body, about: request.videoID, recorder: request.recorder)
  }

  /// The request's body as it is first sent. It holds nothing that names the video.
  package func body(of request: DescriptionRequest) throws -> ChatRequestBody {
    guard !request.frames.isEmpty else { throw DescriptionError.noFrames(video: request.videoID) }
    let images = try request.frames.map { frame in
      let image = frame.image
      guard let size = options.budget.size(width: image.width, height: image.height) else {
        throw DescriptionError.unusableFrame(
          video: request.videoID, reason: "\(image.width)x\(image.height) pixels")
      }
      return try JPEGCodec.encode(
        image.resized(width: size.width, height: size.height), quality: options.jpegQuality)
    }
    let parts = request.prompt.render(
      durationSeconds: request.durationSeconds,
      frameSeconds: request.frames.map(\.timestampSeconds))
    return try ChatRequestBody(
      model: identity.model, parts: parts, images: images, sampling: options.sampling)
  }
}
