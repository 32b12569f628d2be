import Foundation
import HTTP
import Records
import Video

/// Describes videos through servers with OpenAI's chat interface: chosen frames as
/// base64 JPEGs in time order, each with its time, the instruction last.
public struct OpenAIDescriber: Describer {
  public let identity: DescriberIdentity
  public let options: Options
  /// How the model sees images, and the rule by which frames are sent to it.
  public let family: VisionFamily
  public let budget: QwenImageBudget
  /// What the prompt's text costs: counted by a tokenizer, or measured before the run;
  /// nil where it is not known.
  package private(set) var textCost: PromptTextCost?
  /// The most tokens of question and answer together, where the servers say so.
  public let contextTokens: Int?
  /// Who answers, with their health and limits.
  public let pool: EndpointPool
  private let servers: [ChatServer]
  private let preparing = BlockingWork(width: Parallel.cores)

  /// Looks at servers and makes a describer for them.
  ///
  /// - Parameters:
  ///   - endpoints: base URLs, such as `http://127.0.0.1:8000/v1`; at least one.
  ///   - model: a served model's name; nil for the only one that is served.
  /// - Throws: `HTTPError.badEndpoint`, `.serverUnreachable` where none answers within
  ///   the patience, `.unauthorized`, `.notAChatServer`, `.unknownModel`,
  ///   `.modelNotClear`, `.mixedModels`.
  public static func connect(
    endpoints: [String], model: String? = nil, key: APIKey? = nil, options: Options = Options(),
    client: HTTPClient? = nil
  ) async throws -> OpenAIDescriber {
    let client = try client ?? HTTPClient()
    let servers = try endpoints.map {
      ModelServer(
        endpoint: try ServerEndpoint($0), client: client, key: key, timeouts: options.timeouts)
    }
    let found = try await ServedModels.find(
      servers, model: model, mayMix: options.mayMixModels, pool: options.pool,
      patienceSeconds: options.startPatienceSeconds)
    let pool = EndpointPool(found.places, options: options.pool)
    await pool.start()
    return OpenAIDescriber(found: found, pool: pool, options: options)
  }

  /// The same for one server.
  public static func connect(
    endpoint: String, model: String? = nil, key: APIKey? = nil, options: Options = Options(),
    client: HTTPClient? = nil
  ) async throws -> OpenAIDescriber {
    try await connect(
      endpoints: [endpoint], model: model, key: key, options: options, client: client)
  }

  private init(found: ServedModels, pool: EndpointPool, options: Options) {
    self.pool = pool
    self.options = options
    contextTokens = found.contextTokens
    textCost = options.tokenizer.map { .counted($0) }
    family =
      options.family ?? found.found.lazy.compactMap { VisionFamily.of(model: $0) }.first
      ?? .fallback
    budget = family.budget(maximumPixels: options.maximumPixels)
    servers = found.places.map { ChatServer(server: $0.server) }
    identity = DescriberIdentity(
      kind: .openai, model: found.name,
      endpoint: servers.map(\.server.endpoint.base).joined(separator: ", "))
  }

  public var configuration: DescriberConfiguration {
    DescriberConfiguration(
      layout: "stills",
      preparation: "smart-resize \(budget.factor) \(budget.minimumPixels) "
        + "\(budget.maximumPixels), swscale, jpeg \(options.jpegQuality), 1",
      sampling: options.sampling, usesPrompt: true, readsVideoFile: false)
  }

  /// The size at which a frame of a size is shown and how many prompt tokens it should cost.
  ///
  /// - Throws: `DescriptionError.unusableFrame` for a size that cannot be shown.
  public func cost(ofFrameWidth width: Int, height: Int) throws -> FrameCost {
    guard let cost = budget.cost(width: width, height: height) else {
      throw DescriptionError.unusableFrame(
        video: "\(width)x\(height)",
        reason: "one side is over \(Int(QwenImageBudget.maximumAspectRatio)) times the other")
    }
    return cost
  }

  public func picture(of image: RGBImage) throws -> SentPicture? { try sent(image) }

  private func sent(_ image: RGBImage) throws -> SentPicture {
    let cost = try cost(ofFrameWidth: image.width, height: image.height)
    return SentPicture(
      jpeg: try JPEGCodec.encode(
        image.resized(width: cost.width, height: cost.height), quality: options.jpegQuality),
      cost: cost)
  }

  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let prepared = try await preparing.run { try self.prepare(request) }
    return try await prepared.describe(lossesBefore: 0, recorder: request.recorder)
  }

  public func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription {
    guard !request.frames.isEmpty else { throw DescriptionError.noFrames(video: request.videoID) }
    let pictures = try request.frames.map { frame in
      switch frame.picture {
      case .decoded(let image): try sent(image)
      case .ready(let picture): picture
      }
    }
    let parts = request.prompt.render(
      durationSeconds: request.durationSeconds,
      frameSeconds: request.frames.map(\.timestampSeconds), label: request.label)
    let body = try ChatRequestBody(parts: parts, images: pictures.map(\.jpeg))
    let leaks = LabelGuard(
      videoID: request.videoID, videoPath: request.videoPath, classNames: request.classNames,
      mayNameClass: request.label != nil)
    if let leak = leaks.leak(inRequest: body.words) {
      throw DescriptionError.labelLeak(video: request.videoID, leak: leak)
    }
    return PreparedChat(
      loop: ChatRetryLoop(
        pool: pool, servers: servers, policy: options.retry, checks: options.checks,
        isStreamed: options.isStreamed),
      question: ChatQuestion(
        videoID: request.videoID, body: body, sampling: options.sampling,
        expected: expectation(of: parts, pictures.map(\.cost)),
        leaks: leaks, schema: request.prompt.schema))
  }

  /// How many prompt tokens a server should count; nil where nothing tells.
  private func expectation(of parts: [PromptTemplate.Part], _ costs: [FrameCost])
    -> PromptTokenExpectation?
  {
    guard let textCost, let smallest = costs.map(\.tokens).min() else { return nil }
    return PromptTokenExpectation(
      tokens: textCost.textTokens(of: parts)
        + costs.reduce(0) { $0 + $1.tokens },
      smallestImageTokens: smallest - QwenImageBudget.markerTokens)
  }

  /// Asks each endpoint that can be asked a few small questions, and returns the
  /// describer that knows what the prompt's text costs.
  ///
  /// - Parameter frames: how many frames a request of the run has.
  /// - Throws: `DescriptionError` where the run could not work.
  public func preflighted(prompt: PromptTemplate, frames: Int) async throws
    -> (describer: OpenAIDescriber, reports: [PreflightReport])
  {
    var reports: [PreflightReport] = []
    for (state, chat) in zip(await pool.states, servers) where state.standing != .lost {
      guard let model = state.model else { continue }
      reports.append(
        try await Preflight(
          chat: chat, model: model, sampling: options.sampling, isStreamed: options.isStreamed,
          retry: options.retry, family: family, prompt: prompt, frames: frames,
          contextTokens: contextTokens, tokenizer: options.tokenizer
        ).run())
    }
    var describer = self
    // A tokenizer that counts otherwise than a server is another model's.
    if options.tokenizer != nil, reports.allSatisfy({ $0.tokenizerAgrees != false }) {
      return (describer, reports)
    }
    // Servers whose chat templates differ have no common cost, and are not checked.
    let costs = reports.map(\.cost)
    describer.textCost = costs.first.flatMap { first in
      costs.allSatisfy { $0 == first } ? first.map { .measured($0) } : nil
    }
    return (describer, reports)
  }

  public func readied(for prompt: PromptTemplate, frames: Int) async throws -> (
    describer: any Describer, warnings: [String]
  ) {
    let (describer, reports) = try await preflighted(prompt: prompt, frames: frames)
    return (describer, reports.flatMap(\.warnings))
  }

  public func drain(_ isDraining: Bool) async { await pool.drain(isDraining) }
}

/// A chat request that is ready to be sent.
private struct PreparedChat: PreparedDescription {
  let loop: ChatRetryLoop
  let question: ChatQuestion

  func describe(lossesBefore: Int, recorder: (any AttemptRecorder)?) async throws -> Description {
    var question = question
    question.lossesBefore = lossesBefore
    return try await loop.ask(question, recorder: recorder)
  }
}
