/// The chat servers whose refusals are known by their words.
enum ServerKind: CaseIterable, Sendable {
  case vllm, sglang, llamaCpp, tgi, lmdeploy, ollama

  /// The server's name and its options against a cause; nil if it has none.
  ///
  /// Sources: the servers' command line references.
  func option(for cause: RequestRefusal) -> String? {
    switch (self, cause) {
    case (.vllm, .imageLimit): "vLLM: --limit-mm-per-prompt"
    case (.vllm, .contextLength): "vLLM: --max-model-len"
    case (.vllm, .noVision): "vLLM: without --language-model-only or an image limit of 0"
    case (.vllm, .pictureSize):
      "vLLM: --limit-mm-per-prompt with width and height, "
        + "or mm_processor_kwargs max_pixels by --extra-body"
    case (.sglang, .imageLimit): "SGLang: --limit-mm-data-per-request"
    case (.sglang, .contextLength): "SGLang: --context-length"
    case (.llamaCpp, .imageLimit): "llama.cpp: -c and -b"
    case (.llamaCpp, .contextLength):
      "llama.cpp: -c, which is divided by -np, the number of slots"
    case (.llamaCpp, .noVision): "llama.cpp: --mmproj"
    case (.tgi, .contextLength): "TGI: --max-input-tokens and --max-total-tokens"
    case (.tgi, .tooLarge): "TGI: --payload-limit"
    case (.lmdeploy, .contextLength): "LMDeploy: --session-len"
    case (.ollama, .contextLength): "Ollama: num_ctx or OLLAMA_CONTEXT_LENGTH"
    case (.ollama, .noVision): "Ollama: a model with the capability 'vision'"
    default: nil
    }
  }

  /// The options of all servers against a cause.
  static func options(for cause: RequestRefusal) -> String {
    var all = allCases.compactMap { $0.option(for: cause) }
    if cause == .tooLarge { all.insert("nginx: client_max_body_size", at: 0) }
    return all.joined(separator: "; ")
  }
}

/// Words by which a server refuses a request, with their cause.
struct RefusalPhrase: Sendable {
  let cause: RequestRefusal
  /// The server that uses them; nil if several do.
  let server: ServerKind?
  /// Pieces that occur in this order, in lower case; numbers and names stand between them.
  let pieces: [Substring]
  private let ownOption: String?

  private init(
    _ cause: RequestRefusal, _ server: ServerKind?, _ pattern: StaticString, option: String? = nil
  ) {
    self.cause = cause
    self.server = server
    pieces = "\(pattern)".split(separator: "*")
    ownOption = option
  }

  /// The options to raise the limit; all servers' if the phrase belongs to none.
  var options: String {
    ownOption ?? server?.option(for: cause) ?? ServerKind.options(for: cause)
  }

  /// The first phrase of the table that words contain.
  static func find(in words: String) -> RefusalPhrase? {
    let text = words.lowercased()
    // A limit per minute says nothing about the request.
    let passing = ["rate limit", "per minute", "quota"]
    guard !passing.contains(where: { text.contains($0) }) else { return nil }
    return table.first { $0.fits(text) }
  }

  private func fits(_ text: String) -> Bool {
    var rest = text[...]
    for piece in pieces {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }

  /// A phrase that says more than another one comes before it.
  ///
  /// Sources: the messages in the servers' own sources and in their users' reports.
  private static let table: [RefusalPhrase] = [
    // A model without eyes.
    .init(.noVision, .vllm, "at most 0 image"),
    .init(.noVision, .vllm, "is not a multimodal model"),
    .init(.noVision, .llamaCpp, "mmproj"),
    .init(.noVision, .llamaCpp, "image input is not supported"),
    .init(.noVision, .llamaCpp, "not compiled for multimodal"),
    .init(.noVision, .ollama, "missing data required for image input"),
    .init(.badMedia, nil, "image format"),
    .init(.badMedia, nil, "unsupported image"),
    .init(.noVision, nil, "does not support image"),
    .init(.noVision, nil, "does not support vision"),
    .init(.noVision, nil, "does not support multimodal"),
    .init(.noVision, nil, "not support multi-modal"),
    .init(.noVision, nil, "images are not supported"),
    .init(.noVision, nil, "images not supported"),
    .init(.noVision, nil, "image inputs are not supported"),
    .init(.noVision, nil, "multimodal*not supported"),
    .init(.noVision, nil, "vision*not supported"),
    .init(.noVision, nil, "image_url is only supported by"),
    .init(.noVision, nil, "not a vision model"),
    .init(.noVision, nil, "text-only model"),
    // The size of a picture.
    .init(.pictureSize, .vllm, "encoder cache size"),
    .init(.pictureSize, nil, "absolute aspect ratio must be"),
    .init(.pictureSize, nil, "must be larger than factor"),
    .init(.pictureSize, nil, "decompression bomb"),
    .init(.pictureSize, nil, "too many pixels"),
    .init(.pictureSize, nil, "max_pixels"),
    .init(.pictureSize, nil, "maximum*pixels"),
    .init(.pictureSize, nil, "pixels*exceed"),
    .init(.pictureSize, nil, "exceed*pixels"),
    .init(.pictureSize, nil, "image size*exceed"),
    .init(.pictureSize, nil, "image dimension"),
    .init(.pictureSize, nil, "image*too large"),
    .init(.pictureSize, nil, "image*too small"),
    .init(.pictureSize, nil, "image*too big"),
    // The number of pictures.
    .init(.imageLimit, .sglang, "limit-mm-data-per-request"),
    .init(.imageLimit, .sglang, "limit_mm_data_per_request"),
    .init(.imageLimit, .sglang, "image count*exceed"),
    .init(.imageLimit, .vllm, "limit-mm-per-prompt"),
    .init(.imageLimit, .vllm, "limit_mm_per_prompt"),
    .init(.imageLimit, .vllm, "at most*may be provided in one"),
    .init(.imageLimit, .ollama, "only supports a single image"),
    .init(.imageLimit, nil, "too many image"),
    .init(.imageLimit, nil, "too many picture"),
    .init(.imageLimit, nil, "too much media"),
    .init(.imageLimit, nil, "too many media"),
    .init(.imageLimit, nil, "images were provided, but"),
    .init(.imageLimit, nil, "maximum of*images"),
    .init(.imageLimit, nil, "limit*images per"),
    .init(.imageLimit, nil, "max data-uri"),
    // The number of tokens.
    .init(.contextLength, .llamaCpp, "available context size"),
    .init(.contextLength, .llamaCpp, "exceed_context_size"),
    .init(.contextLength, .llamaCpp, "context size has been exceeded"),
    .init(.contextLength, .llamaCpp, "physical batch size", option: "llama.cpp: -b and -ub"),
    .init(.contextLength, .llamaCpp, "input is too large to process"),
    .init(.contextLength, .llamaCpp, "context shift"),
    .init(.contextLength, .llamaCpp, "exceed*n_ctx"),
    .init(.contextLength, .tgi, "inputs*max_new_tokens"),
    .init(.contextLength, .tgi, "inputs*must have less than*tokens"),
    .init(.contextLength, .tgi, "max_new_tokens*must be"),
    .init(.contextLength, .lmdeploy, "session_len"),
    .init(.contextLength, .lmdeploy, "session-len"),
    .init(.contextLength, .lmdeploy, "session max length"),
    .init(.contextLength, .ollama, "input length exceeds"),
    .init(.contextLength, .ollama, "prompt too long"),
    .init(.contextLength, .ollama, "exceeded max context"),
    .init(.contextLength, .ollama, "num_ctx"),
    .init(.contextLength, .sglang, "is longer than the model's context length"),
    .init(.contextLength, .sglang, "requested token count exceeds"),
    .init(.contextLength, .sglang, "input length*exceeds the maximum allowed"),
    .init(.contextLength, .sglang, "max_req_input_len"),
    .init(.contextLength, .vllm, "max_model_len"),
    .init(.contextLength, .vllm, "max-model-len"),
    .init(.contextLength, .vllm, "longer than the maximum model length"),
    .init(.contextLength, .vllm, "maximum context length is"),
    .init(.contextLength, nil, "context length"),
    .init(.contextLength, nil, "context_length"),
    .init(.contextLength, nil, "context window"),
    .init(.contextLength, nil, "context size"),
    .init(.contextLength, nil, "maximum context"),
    .init(.contextLength, nil, "maximum prompt length"),
    .init(.contextLength, nil, "prompt is too long"),
    .init(.contextLength, nil, "input is too long"),
    .init(.contextLength, nil, "too many tokens"),
    .init(.contextLength, nil, "tokens*exceed"),
    .init(.contextLength, nil, "exceed*tokens"),
    .init(.contextLength, nil, "reduce the length of the messages"),
    .init(.contextLength, nil, "range of input length"),
    // The number of pictures, in words that also occur beside numbers of tokens.
    .init(.imageLimit, nil, "at most*image"),
    .init(.imageLimit, nil, "number of images"),
    .init(.imageLimit, nil, "images*exceed"),
    .init(.imageLimit, nil, "image*exceeds the limit"),
    // The size of the body.
    .init(.tooLarge, .tgi, "length limit exceeded"),
    .init(.tooLarge, nil, "entity too large"),
    .init(.tooLarge, nil, "content too large"),
    .init(.tooLarge, nil, "payload too large"),
    .init(.tooLarge, nil, "body too large"),
    .init(.tooLarge, nil, "body is too large"),
    .init(.tooLarge, nil, "request too large"),
    .init(.tooLarge, nil, "request_too_large"),
    .init(.tooLarge, nil, "maximum allowed size"),
    .init(.tooLarge, nil, "larger than max ("),
  ]
}
