import Foundation
import HTTP
import Records
import Video

/// Describes videos through servers with OpenAI's chat interface. A request contains the
/// chosen frames as base64 JPEGs in time order, each with its time, and then the instruction.
public struct OpenAIDescriber: Describer {
  public let identity: DescriberIdentity
  public let options: Options
  /// The model's family, which decides how images are resized and counted.
  public let family: VisionFamily
  /// The rule by which frames are resized before they are sent.
  public let budget: QwenImageBudget
  /// Counts the tokens of the prompt's text, by a tokenizer or from measurements before the
  /// run; nil if neither is available.
  package private(set) var textCounter: TextTokenCounter?
  /// Whether the check before the run told that a server resizes pictures.
  private var toldOfResizing = false
  /// The maximum number of tokens of question and answer together, if the servers report it.
  public let contextTokens: Int?
  /// The endpoints with their health and limits.
  public let pool: EndpointPool
  private let servers: [ChatServer]
  private let preparing = BlockingWork(width: Parallel.cores)

  /// Connects to servers and makes a describer for them.
  ///
  /// - Parameters:
  ///   - endpoints: base URLs, such as `http://127.0.0.1:8000/v1`; at least one.
  ///   - model: a served model's name; nil for the only served model.
  /// - Throws: `HTTPError.badEndpoint`; `DescriptionError.serverUnreachable` if none answers
  ///   within the patience, `.unauthorized`, `.notAChatServer`, `.unknownModel`,
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
    textCounter = options.tokenizer.map { .counted($0) }
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

  public func sentFrame(of frame: VideoFrame) throws -> SentFrame? {
    try SentFrame(frame, budget: budget, jpegQuality: options.jpegQuality)
  }

  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let prepared = try await preparing.run { try self.prepare(request) }
    return try await prepared.describe(lossesBefore: 0, recorder: request.recorder)
  }

  public func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription {
    guard !request.frames.isEmpty else { throw DescriptionError.noFrames(video: request.videoID) }
    let parts = request.prompt.render(
      durationSeconds: request.durationSeconds,
      frameSeconds: request.frames.map(\.timestampSeconds), label: request.label)
    let body = try ChatRequestBody(parts: parts, images: request.frames.map(\.jpeg))
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
        expected: expectation(of: parts, request.frames.map(\.cost)),
        leaks: leaks, schema: request.prompt.schema,
        resizingRemedy: toldOfResizing ? nil : budget.resizingRemedy))
  }

  /// The prompt tokens that a server should count; nil if nothing predicts them.
  private func expectation(of parts: [PromptTemplate.Part], _ costs: [FrameCost])
    -> ExpectedPromptTokens?
  {
    guard let textCounter, let smallest = costs.map(\.tokens).min() else { return nil }
    return ExpectedPromptTokens(
      tokens: textCounter.textTokens(of: parts)
        + costs.reduce(0) { $0 + $1.tokens },
      smallestImageTokens: smallest - QwenImageBudget.markerTokens,
      imageTokens: costs.reduce(0) { $0 + $1.tokens }, images: costs.count)
  }

  /// Sends a few small requests to each available endpoint, and returns a describer that
  /// knows how many tokens the prompt's text costs.
  ///
  /// - Parameters:
  ///   - frames: the number of frames per request of the run.
  ///   - sizes: sizes of the run's videos; empty if they are not known.
  /// - Throws: `DescriptionError` if the run could not work.
  public func preflighted(prompt: PromptTemplate, frames: Int, sizes: [PictureSize] = [])
    async throws -> (describer: OpenAIDescriber, reports: [PreflightReport])
  {
    var reports: [PreflightReport] = []
    for (state, chat) in zip(await pool.states, servers) where state.standing != .lost {
      guard let model = state.model else { continue }
      reports.append(
        try await Preflight(
          chat: chat, model: model, sampling: options.sampling, isStreamed: options.isStreamed,
          retry: options.retry, family: family, prompt: prompt, frames: frames,
          contextTokens: contextTokens, tokenizer: options.tokenizer, budget: budget,
          sizes: sizes
        ).run())
    }
    var describer = self
    describer.toldOfResizing = reports.contains { $0.resizesPictures }
    // A tokenizer that disagrees with a server belongs to another model.
    if options.tokenizer != nil, reports.allSatisfy({ $0.tokenizerAgrees != false }) {
      return (describer, reports)
    }
    // Servers with different chat templates have no common cost, so counts are not checked.
    let costs = reports.map(\.cost)
    describer.textCounter = costs.first.flatMap { first in
      costs.allSatisfy { $0 == first } ? first.map { .measured($0) } : nil
    }
    return (describer, reports)
  }

  public func checkedBeforeRun(prompt: PromptTemplate, frames: Int, sizes: [PictureSize])
    async throws -> (describer: any Describer, warnings: [String])
  {
    let (describer, reports) = try await preflighted(
      prompt: prompt, frames: frames, sizes: sizes)
    return (describer, reports.flatMap(\.warnings))
  }

  public func drain(_ isDraining: Bool) async { await pool.drain(isDraining) }
}

/// A chat request that is ready to be sent.
private struct PreparedChat: PreparedDescription {
  let loop: ChatRetryLoop
  let question: ChatQuestion

  func describe(lossesBefore: Int, recorder: AttemptRecorder?) async throws -> Description {
    var question = question
    question.lossesBefore = lossesBefore
    return try await loop.ask(question, recorder: recorder)
  }
}

extension OpenAIDescriber {
  /// The settings; the defaults suit Qwen2.5-VL.
  public struct Options: Sendable {
    public var sampling: SamplingParameters
    /// The model's family; nil to read it from the model's name, or else assume Qwen2.5-VL.
    public var family: VisionFamily?
    /// The maximum number of pixels of a sent frame; nil for 1,280 of the model's tokens.
    public var maximumPixels: Int?
    /// 1 to 100.
    public var jpegQuality: Int
    public var retry: RetryPolicy
    public var timeouts: HTTPTimeouts
    public var pool: EndpointPoolOptions
    public var checks: AnswerChecks
    /// Whether servers stream their answers.
    public var isStreamed: Bool
    /// Whether endpoints may serve different models.
    public var mayMixModels: Bool
    /// How long the start waits for a server that is absent or loading.
    public var startPatienceSeconds: Double
    /// The served model's tokenizer, if it is available here.
    public var tokenizer: LocalChatTokenizer?

    public init(
      sampling: SamplingParameters = SamplingParameters(),
      family: VisionFamily? = nil, maximumPixels: Int? = nil, jpegQuality: Int = 90,
      retry: RetryPolicy = RetryPolicy(), timeouts: HTTPTimeouts = HTTPTimeouts(),
      pool: EndpointPoolOptions = EndpointPoolOptions(), checks: AnswerChecks = AnswerChecks(),
      isStreamed: Bool = true, mayMixModels: Bool = false, startPatienceSeconds: Double = 0,
      tokenizer: LocalChatTokenizer? = nil
    ) {
      self.sampling = sampling
      self.family = family
      self.maximumPixels = maximumPixels
      self.jpegQuality = jpegQuality
      self.retry = retry
      self.timeouts = timeouts
      self.pool = pool
      self.checks = checks
      self.isStreamed = isStreamed
      self.mayMixModels = mayMixModels
      self.startPatienceSeconds = startPatienceSeconds
      self.tokenizer = tokenizer
    }
  }
}
