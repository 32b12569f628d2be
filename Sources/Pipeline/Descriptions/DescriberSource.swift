import Descriptions
import Foundation
import HTTP
import Records

/// Who describes videos.
public enum DescriberSource: Sendable {
  /// The servers; the built-in describer if none is named and none answers at
  /// `ServerEndpoint.defaultBase`.
  case automatic(DescriberServers)
  case servers(DescriberServers)
  /// Sentences of measured facts, without any model.
  case builtIn

  /// Connects to the servers and checks what they serve.
  ///
  /// - Throws: `DescriptionError`, `HTTPError`, `RecordError`.
  public func connect(
    resources: ResourceFolders, prompt: PromptTemplate, reporter: StageReporter = .silent
  ) async throws -> any Describer {
    switch self {
    case .builtIn: return BuiltInDescriber()
    case .servers(let servers):
      return try await servers.connect(resources: resources, prompt: prompt, reporter: reporter)
    case .automatic(let servers):
      do {
        return try await servers.connect(resources: resources, prompt: prompt, reporter: reporter)
      } catch let error as DescriptionError {
        guard servers.endpoints.isEmpty, error.failureKind == .serverUnreachable else {
          throw error
        }
        reporter.note(
          "no server at \(ServerEndpoint.defaultBase): using the built-in describer "
            + "(measured facts, no understanding)")
        return BuiltInDescriber()
      }
    }
  }

  /// The number of videos to process at once: as many as the servers may be asked about, and
  /// some more whose frames are prepared meanwhile.
  public func jobs(for describer: any Describer) -> Int {
    switch self {
    case .automatic(let servers) where describer is OpenAIDescriber,
      .servers(let servers) where describer is OpenAIDescriber:
      servers.concurrency.most * max(1, servers.endpoints.count) + Parallel.cores
    default: Parallel.cores
    }
  }
}

/// The servers that describe, and how they are asked.
public struct DescriberServers: Sendable {
  /// Base URLs of servers with the same model; empty for `ServerEndpoint.defaultBase`.
  public var endpoints: [String] = []
  /// The served model's name; nil for the only one that is served.
  public var model: String?
  /// Whether the endpoints may serve different models.
  public var mayMixModels = false
  /// A file with the API key; nil for the environment's.
  public var apiKeyFile: String?
  /// Requests at once at each endpoint.
  public var concurrency = ConcurrencyRule.automatic
  /// How long to wait for a lost server, and for a server at the start; nil for 600 s and for
  /// no wait at the start, unless the server reports that it is loading.
  public var patienceSeconds: Double?
  public var timeouts = HTTPTimeouts()
  /// Whether answers are streamed, so that a repetition is cut off at once.
  public var isStreamed = true
  /// A folder with the model's tokenizer and chat template, to count tokens without the server.
  public var tokenizer: URL?
  public var sampling = SamplingParameters()
  /// The longest answer, in tokens; nil for the prompt's limit, else that of `sampling`.
  public var maximumTokens: Int?
  /// How the model sees images; nil to decide by the model's name.
  public var family: VisionFamily?
  /// The most pixels of a frame as it is sent; nil for the family's default.
  public var maximumPixels: Int?
  /// The script that descriptions are expected in.
  public var script = WritingScript.latin
  /// Whether to ask again, up to twice and in another way, for an answer with a finding.
  public var isStrict = false

  public init(_ endpoints: [String] = []) {
    self.endpoints = endpoints
  }

  fileprivate func connect(
    resources: ResourceFolders, prompt: PromptTemplate, reporter: StageReporter
  ) async throws -> OpenAIDescriber {
    var pool = EndpointPoolOptions(concurrency: concurrency)
    if let patienceSeconds { pool.patienceSeconds = patienceSeconds }
    pool.onEvent = { reporter.note(Self.words(for: $0)) }
    var sampling = sampling
    sampling.maximumTokens = maximumTokens ?? prompt.maximumTokens ?? sampling.maximumTokens
    return try await OpenAIDescriber.connect(
      endpoints: endpoints.isEmpty ? [ServerEndpoint.defaultBase] : endpoints, model: model,
      key: APIKey.find(file: apiKeyFile),
      options: OpenAIDescriber.Options(
        sampling: sampling, family: family, maximumPixels: maximumPixels, timeouts: timeouts,
        pool: pool,
        checks: AnswerChecks(
          refusals: AnswerChecks.refusals(from: resources), script: script, isStrict: isStrict),
        isStreamed: isStreamed, mayMixModels: mayMixModels,
        startPatienceSeconds: patienceSeconds ?? 0,
        tokenizer: tokenizer.map { try LocalChatTokenizer(directory: $0) }))
  }

  private static func words(for event: EndpointEvent) -> String {
    switch event {
    case .lost(let endpoint, let reason):
      "\(endpoint): no answer (\(reason)); waiting for it, no video is counted as failed"
    case .back(let endpoint, let seconds):
      "\(endpoint): answers again after \(DurationText.of(seconds: seconds))"
    case .cooling(let endpoint, let seconds):
      "\(endpoint): not asked for \(DurationText.of(seconds: seconds))"
    }
  }
}
