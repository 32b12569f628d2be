import HTTP

extension OpenAIDescriber {
  /// What may be set; the defaults are right for Qwen2.5-VL.
  public struct Options: Sendable {
    public var sampling: SamplingParameters
    /// How the model sees images; nil: what its name tells, else Qwen2.5-VL.
    public var family: VisionFamily?
    /// The most pixels of a frame as it is sent; nil for 1,280 of the model's tokens.
    public var maximumPixels: Int?
    /// 1 to 100.
    public var jpegQuality: Int
    public var retry: RetryPolicy
    public var timeouts: HTTPTimeouts
    public var pool: EndpointPoolOptions
    public var checks: AnswerChecks
    /// Whether answers are sent word by word.
    public var isStreamed: Bool
    /// Whether endpoints may serve different models.
    public var mayMixModels: Bool
    /// How long a server that is absent or loading is waited for at the start.
    public var startPatienceSeconds: Double
    /// The served model's tokenizer, where it is at hand.
    public var tokenizer: ChatTextTokenizer?

    public init(
      sampling: SamplingParameters = SamplingParameters(),
      family: VisionFamily? = nil, maximumPixels: Int? = nil, jpegQuality: Int = 90,
      retry: RetryPolicy = RetryPolicy(), timeouts: HTTPTimeouts = HTTPTimeouts(),
      pool: EndpointPoolOptions = EndpointPoolOptions(), checks: AnswerChecks = AnswerChecks(),
      isStreamed: Bool = true, mayMixModels: Bool = false, startPatienceSeconds: Double = 0,
      tokenizer: ChatTextTokenizer? = nil
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
