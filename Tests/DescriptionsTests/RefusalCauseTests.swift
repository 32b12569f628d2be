import Descriptions
import Foundation
import HTTP
import TestSupport
import Testing
import Workspaces

/// The servers' own words for the same few causes, and the option that helps at each.
@Suite("Refusal causes")
struct RefusalCauseTests {
  @Test(
    "the cause is read from each server's words, and the remedy names that server's option",
    arguments: [
      // vLLM.
      ("At most 4 image(s) may be provided in one prompt.", .imageLimit, "--limit-mm-per-prompt"),
      (
        "At most 5 image(s) may be provided in one request.", .imageLimit, "--limit-mm-per-prompt"
      ),
      (
        "You set image=1 (or defaulted to 1) in `--limit-mm-per-prompt`, but found 2 items.",
        .imageLimit, "--limit-mm-per-prompt"
      ),
      (
        "At most 0 image(s) may be provided in one prompt. Set `--limit-mm-per-prompt`.", .noVision,
        "--language-model-only"
      ),
      ("GLM-5.2 is not a multimodal model", .noVision, "serve a model that does"),
      (
        "The decoder prompt (length 5951) is longer than the maximum model length of 4096.",
        .contextLength, "vLLM: --max-model-len"
      ),
      (
        "This model's maximum context length is 32768 tokens. However, you requested 40000 tokens",
        .contextLength, "vLLM: --max-model-len"
      ),
      (
        "The decoder prompt contains a(n) image item with length 6042, which exceeds the "
          + "pre-allocated encoder cache size 4800. Please reduce the input size or increase the "
          + "encoder cache size by setting --limit-mm-per-prompt at startup.", .pictureSize,
        "lower --max-pixels"
      ),
      // SGLang.
      (
        "Image count 6 exceeds limit 4 per request.", .imageLimit,
        "SGLang: --limit-mm-data-per-request"
      ),
      ("image count 12 exceeds limit 1 per request", .imageLimit, "--limit-mm-data-per-request"),
      (
        "The input (131123 tokens) is longer than the model's context length (131072 tokens).",
        .contextLength, "SGLang: --context-length"
      ),
      (
        "Requested token count exceeds the model's maximum context length of 8192 tokens.",
        .contextLength, "SGLang: --context-length"
      ),
      // llama.cpp.
      (
        "the request exceeds the available context size, try increasing it", .contextLength,
        "-c, which is divided by -np"
      ),
      (
        "request (5012 tokens) exceeds the available context size (4096 tokens)", .contextLength,
        "divided by -np"
      ),
      (
        "Input is too large to process. Either disable context shift or increase context length. ",
        .contextLength, "divided by -np"
      ),
      (
        "input is too large to process. increase the physical batch size", .contextLength,
        "-b and -ub"
      ),
      ("image input is not supported by this server", .noVision, "llama.cpp: --mmproj"),
      (
        "image input is not supported - hint: if this is unexpected, you may need to provide the "
          + "mmproj", .noVision, "--mmproj"
      ),
      (
        "The server was not compiled for multimodal or the model projector can't be loaded.",
        .noVision, "--mmproj"
      ),
      // TGI.
      (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 600. Given: 1020 "
          + "`inputs` tokens and 256 `max_new_tokens`", .contextLength, "TGI: --max-input-tokens"
      ),
      (
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 3000",
        .contextLength, "--max-total-tokens"
      ),
      (
        "Failed to buffer the request body: length limit exceeded", .tooLarge,
        "TGI: --payload-limit"
      ),
      // LMDeploy.
      (
        "input tokens 9000 + max_new_tokens 160 > session_len 8192", .contextLength, "--session-len"
      ),
      ("exceed session max length. Please end the session.", .contextLength, "--session-len"),
      // Ollama.
      (
        "the input length exceeds the context length", .contextLength, "OLLAMA_CONTEXT_LENGTH"
      ),
      (
        "prompt too long; exceeded max context length by 4 tokens", .contextLength, "num_ctx"
      ),
      (
        "this model is missing data required for image input", .noVision, "capability 'vision'"
      ),
      ("vision model only supports a single image per message", .imageLimit, "--frames 1"),
      // Others and the kind in general: the options of all servers.
      ("too many images in the message, max allowed is 16", .imageLimit, "SGLang"),
      ("12 images were provided, but this model supports a maximum of 5", .imageLimit, "vLLM"),
      ("Too much media in one request", .imageLimit, "--frames"),
      ("This model does not support image input", .noVision, "--mmproj"),
      ("context_length_exceeded", .contextLength, "LMDeploy: --session-len"),
      ("Prompt contains 900 tokens, too large for a context window of 512", .contextLength, "TGI"),
      ("absolute aspect ratio must be smaller than 200, got 402", .pictureSize, "--max-pixels"),
      ("image dimensions exceed the allowed 8000 pixels", .pictureSize, "--max-pixels"),
      ("413 Request Entity Too Large: openresty", .tooLarge, "client_max_body_size"),
      ("Unsupported image format: webp", .badMedia, "JPEG"),
      ("this model does not support image format BMP", .badMedia, "JPEG"),
    ] as [(String, RequestRefusal, String)])
  func table(words: String, cause: RequestRefusal, option: String) throws {
    for text in [words, words.uppercased()] {
      #expect(RequestRefusal(status: 400, words: text) == cause, "\(text)")
      let remedy = try #require(RequestRefusal.remedy(status: 400, words: text))
      #expect(remedy.contains(option), "\(text): \(remedy)")
    }
  }

  @Test(
    "a limit per minute, or nothing in particular, is none of these causes",
    arguments: [
      "Rate limit exceeded: too many tokens per minute", "quota exceeded for images per request",
      "internal error", "CUDA out of memory", "",
    ])
  func others(words: String) {
    #expect([.other, .badMedia].contains(RequestRefusal(status: 400, words: words)))
  }

  private func ask(_ answer: FaultInjectingServerAnswer) async throws -> (
    error: DescriptionError, asked: Int, cause: AttemptCause?
  ) {
    let server = try FaultInjectingServer { _ in answer }
    defer { server.stop() }
    let videos = try FakeVideos(1)
    let describer = try await DescribingFixture.connect(server)
    let (run, ledger) = try videos.run(describer)
    _ = try await run.run(videos.videos)
    let cause = try ledger.failureCauses().first ?? nil
    let asked = server.chats.count
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.describe(try DescribingFixture.request())
    }
    return (error, asked, cause)
  }

  @Test("a clear reason is asked once, even with status 500 or 422")
  func once() async throws {
    let vision = try await ask(.error(500, "image input is not supported by this server"))
    #expect(vision.asked == 1 && vision.cause == .noVision)
    #expect(vision.error.failureKind == .usage)
    #expect(vision.error.description.contains("the served model takes no pictures"))
    let large = try await ask(.error(500, "Input is too large to process. Increase context."))
    #expect(large.asked == 1 && large.cause == .contextLength)
    let tgi = try await ask(
      .json(
        "{\"error\":\"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 600\","
          + "\"error_type\":\"validation\"}", status: 422))
    #expect(tgi.asked == 1 && tgi.cause == .contextLength)
    #expect(tgi.error.description.contains("--max-input-tokens"))
    let plain = try await ask(.error(500, "failed to process image"))
    #expect(plain.asked == 5 && plain.cause == .serverError)
  }

  @Test("the sentence of a refusal is told without its JSON or tags")
  func words() async throws {
    let sglang = try await ask(
      .json(
        "{\"object\":\"error\",\"message\":\"Image count 6 exceeds limit 4 per request.\",\"code\":400}",
        status: 400))
    #expect(
      sglang.error.description.contains(
        "(HTTP 400): Image count 6 exceeds limit 4 per request; lower --frames, or raise the "
          + "server's limit (SGLang: --limit-mm-data-per-request)"))
    let page = try await ask(
      .answer(
        status: 413, headers: ["Content-Type": "text/html"],
        body: Data("<html><title>413 Too Large</title><h1>413 Too Large</h1></html>".utf8)))
    #expect(page.error.description.contains("(HTTP 413): 413 Too Large; lower"))
    #expect(page.cause == .tooLarge)
  }

  @Test("a model that is gone is no proxy's doing")
  func modelGone() async throws {
    let server = try FaultInjectingServer { request in
      request.index > 0
        ? .error(404, "The model `fake` does not exist.") : .chat("Smoke fills the room.")
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    _ = try await describer.describe(try DescribingFixture.request(count: 2))
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.describe(try DescribingFixture.request(count: 3))
    }
    #expect(error.description.contains("does not exist") && !error.description.contains("proxy"))
  }

  @Test("an address that is missing only for a larger request may be cut by a proxy")
  func proxy() async throws {
    let server = try FaultInjectingServer { request in
      request.body.count > 20_000
        ? .json("{\"message\":\"Cannot POST /v1\",\"error\":\"Not Found\"}", status: 404)
        : .chat("Smoke fills the room.")
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    _ = try await describer.describe(try DescribingFixture.request(count: 2))
    var large = try DescribingFixture.request(count: 3)
    large.frames = try (0..<40).map { try DescribingFixture.sent(DescribingFixture.frames($0)[0]) }
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.describe(large)
    }
    #expect(error.description.contains("Not Found: Cannot POST /v1; the same address answered"))
    #expect(error.description.contains("a proxy may cut large bodies; lower --frames"))
    // Without a smaller answer before it, it is only an address that is missing.
    let missing = try await ask(.error(404, "no such path"))
    #expect(!missing.error.description.contains("proxy") && missing.cause == .refusedRequest)
  }
}
