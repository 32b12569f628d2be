import Foundation
import HTTP
import Records
import Video

/// A few small requests before a long run, which find what would fail in an hour:
/// no images, too few images, another image rule, no counts.
struct Preflight: Sendable {
  let chat: ChatServer
  /// The served model's name.
  let model: String
  let sampling: SamplingParameters
  /// Whether the run's answers are streamed.
  let isStreamed: Bool
  let retry: RetryPolicy
  let family: VisionFamily
  let prompt: PromptTemplate
  /// How many frames a request of the run has.
  let frames: Int
  let contextTokens: Int?
  /// Counts texts as the server should; nil where none is at hand.
  let tokenizer: LocalChatTokenizer?

  /// Two sizes whose tokens differ, and differ between the families.
  private static let smallSide = 448
  private static let wideSide = 896

  private struct Probe {
    let promptTokens: Int?
    let text: String
    let body: ChatRequestBody
  }

  /// What a prompt's text costs, and how that is known.
  private struct MeasuredCost {
    let cost: MeasuredTextTokens
    let source: PreflightReport.CostSource
  }

  private var endpoint: String { chat.server.endpoint.base }

  /// - Throws: `DescriptionError` where the run could not work.
  func run() async throws -> PreflightReport {
    var warnings: [String] = []
    let small = try Self.picture(width: Self.smallSide, height: Self.smallSide)
    let wide = try Self.picture(width: Self.wideSide, height: Self.smallSide)
    let one = try await ask([small], of: 1)
    let larger = try await ask([wide], of: 1)
    let all = Array(repeating: small, count: frames)
    var many = try await ask(all, of: frames, isStreamed: isStreamed)
    let isCounted = many.promptTokens != nil
    // A stream without a count still says whether the server takes the request.
    if isStreamed, !isCounted, one.promptTokens != nil { many = try await ask(all, of: frames) }
    var measured: MeasuredCost?
    var found: VisionFamily?
    if let oneTokens = one.promptTokens, let largerTokens = larger.promptTokens,
      let manyTokens = many.promptTokens
    {
      found = Self.family(of: largerTokens - oneTokens, preferred: family)
      if let found, found.factor == family.factor {
        measured = try await measuredCost(one, oneTokens, many, manyTokens)
      } else if let found {
        throw DescriptionError.otherVisionFamily(
          endpoint: endpoint, found: found.name, assumed: family.name)
      } else {
        warnings.append(
          "\(endpoint): an image twice as wide adds "
            + "\(largerTokens - oneTokens) tokens, which is no known rule: lost or shrunk images "
            + "cannot be noticed")
      }
      if !isCounted {
        // What the run is not told it cannot compare.
        measured = nil
        warnings.append(
          "\(endpoint): token counts in whole answers only, none in streamed ones: lost or "
            + "shrunk images cannot be noticed; pass --no-stream")
      }
    } else {
      warnings.append(
        "\(endpoint): no token counts in its answers: lost or shrunk images cannot be noticed")
    }
    if let contextTokens, let manyTokens = many.promptTokens {
      let needed = manyTokens + sampling.maximumTokens
      if needed > contextTokens {
        warnings.append(
          "\(endpoint): \(frames) small frames and the answer need \(needed) "
            + "tokens, the server reads \(contextTokens)")
      }
    }
    if let schema = prompt.schema {
      let answer = try await ask([small], of: 1, schema: schema)
      if case .failure(let problem) = schema.read(answer.text) {
        warnings.append(
          "\(endpoint): its answer does not keep to the prompt's schema: "
            + problem.reason)
      }
    }
    let disagreement = measured.flatMap { measured in
      tokenizer.flatMap { self.disagreement(of: $0, with: measured.cost) }
    }
    if let disagreement { warnings.append(disagreement) }
    return PreflightReport(
      endpoint: endpoint, model: model, contextTokens: contextTokens, images: frames,
      family: found?.name, cost: measured?.cost, costSource: measured?.source,
      tokenizerAgrees: tokenizer == nil || measured == nil ? nil : disagreement == nil,
      omittedFields: chat.dialect.omittedFields.sorted(), warnings: warnings)
  }

  /// What is to be said of a tokenizer that counts otherwise than the server; nil where
  /// the two agree.
  private func disagreement(of tokenizer: LocalChatTokenizer, with cost: MeasuredTextTokens) -> String? {
    let counted = tokenizer.textTokens(of: parts(of: 1))
    guard counted != cost.tokensWithOneFrame else { return nil }
    return "\(endpoint): counts \(cost.tokensWithOneFrame) tokens of text where "
      + "the tokenizer in \(tokenizer.directory.path) counts \(counted): it is another model's, "
      + "and is not used"
  }

  /// The text's cost, with the check that all images of the large request were seen.
  private func measuredCost(
    _ one: Probe, _ oneTokens: Int, _ many: Probe, _ manyTokens: Int
  ) async throws -> MeasuredCost {
    guard let image = family.budget().cost(width: Self.smallSide, height: Self.smallSide) else {
      preconditionFailure("a square image is always seen")
    }
    let textTokens: (one: Int, many: Int)
    let source: PreflightReport.CostSource
    // How many tokens the large request has too few.
    let missing: Int
    if let counted = try await tokenizedTexts(one, many, image: image) {
      (textTokens, source) = (counted, .tokenize)
      missing = counted.many + frames * image.tokens - manyTokens
    } else {
      textTokens = (oneTokens - image.tokens, manyTokens - frames * image.tokens)
      source = .requests
      // The same texts without any image: what is between them is what the images'
      // tokens leave, but for a token or so where an image parted two words.
      let bareTexts = (
        try await ask([], of: 1).promptTokens ?? 0, try await ask([], of: frames).promptTokens ?? 0
      )
      missing = (bareTexts.1 - bareTexts.0) - (textTokens.many - textTokens.one)
    }
    guard textTokens.one > 0, 2 * abs(missing) < image.tokens else {
      throw DescriptionError.imagesNotSeen(
        endpoint: endpoint, sent: frames, promptTokens: manyTokens,
        expected: manyTokens + missing)
    }
    let further = Double(max(1, frames - 1))
    let digits = (MeasuredTextTokens.digits(in: one.body.words), MeasuredTextTokens.digits(in: many.body.words))
    return MeasuredCost(
      cost: MeasuredTextTokens(
        tokensWithOneFrame: textTokens.one,
        tokensPerFrame: Double(textTokens.many - textTokens.one) / further,
        digitsWithOneFrame: digits.0, digitsPerFrame: Double(digits.1 - digits.0) / further),
      source: source)
  }

  /// The texts of the two requests, counted by the server's tokenizer; nil where it has
  /// none to ask.
  private func tokenizedTexts(_ one: Probe, _ many: Probe, image: FrameCost) async throws
    -> (one: Int, many: Int)?
  {
    let tokenizer = ServerChatTokenizer(
      server: chat.server, model: model,
      imageTokens: image.tokens - QwenImageBudget.markerTokens)
    guard let withOne = try await tokenizer.textTokens(of: one.body, images: 1),
      let withMany = try await tokenizer.textTokens(of: many.body, images: frames)
    else { return nil }
    return (withOne, withMany)
  }

  /// The family by whose rule an image of twice the width costs so many tokens more.
  private static func family(of difference: Int, preferred: VisionFamily) -> VisionFamily? {
    ([preferred] + VisionFamily.all).first { family in
      let rule = family.budget()
      guard let small = rule.cost(width: smallSide, height: smallSide),
        let wide = rule.cost(width: wideSide, height: smallSide)
      else { return false }
      return wide.tokens - small.tokens == difference
    }
  }

  private func parts(of frames: Int) -> [PromptTemplate.Part] {
    prompt.render(durationSeconds: 10, frameSeconds: (0..<frames).map { Double($0) })
  }

  /// The request about so many frames, without the images where there are none.
  private func body(_ images: [Data], of frames: Int) throws -> ChatRequestBody {
    let shown = parts(of: frames).filter { part in
      if case .frame(let index) = part { index < images.count } else { true }
    }
    return try ChatRequestBody(parts: shown, images: images)
  }

  /// One request with an answer of one token, or a whole one in a schema.
  private func ask(
    _ images: [Data], of frames: Int, schema: AnswerSchema? = nil, isStreamed: Bool = false
  ) async throws -> Probe {
    let body = try body(images, of: frames)
    var sampling = self.sampling
    if schema == nil { sampling.maximumTokens = 1 }
    let fields = sampling.requestFields(schema: schema, isStreamed: isStreamed)
    let exchange = ChatExchange(server: chat.server) { _ in nil }
    // Twice, because a server may refuse fields first.
    var omitted = chat.dialect.omittedFields
    var patience = retry
    patience.maximumAttempts = min(2, retry.maximumAttempts)
    let loop = RetryLoop(policy: patience)
    do {
      return try await loop.run {
        let request = try body.encoded(model: model, fields: fields, omitting: omitted)
        switch await exchange.send(request).reply {
        case .answer(let answer):
          chat.dialect.learn(omitted)
          return .accepted(
            Probe(promptTokens: answer.promptTokens, text: answer.text ?? "", body: body))
        case .refusal(let response):
          if let fields = chat.dialect.fieldsToOmit(
            refusal: response.errorText, status: response.head.status,
            asked: fields.map(\.name), omitted: omitted)
          {
            omitted = fields
            return .reworded
          }
          return .on(refusal: response)
        case .malformed(let reason), .stopped(let reason):
          return .failed(.unusableAnswer(reason: reason))
        case .broken(let failure): return .on(failure)
        case .cancelled: throw CancellationError()
        }
      }
    } catch let failure as ServerFailure {
      throw DescriptionError(
        failure, endpoint: endpoint,
        video: "the check before the run, \(images.count) frames")
    }
  }

  /// A picture with something in it.
  private static func picture(width: Int, height: Int) throws -> Data {
    var image = RGBImage(width: width, height: height)
    for index in image.pixels.indices {
      image.pixels[index] = UInt8(truncatingIfNeeded: index / 7 &+ (index / (3 * width)) &* 5)
    }
    return try JPEGCodec.encode(image, quality: 90)
  }
}

/// What was found out about an endpoint before a run.
public struct PreflightReport: Codable, Sendable, Equatable {
  /// The base URL.
  public let endpoint: String
  public let model: String
  /// The most tokens of a question and its answer, where the server says so.
  public let contextTokens: Int?
  /// How many images one request was accepted with.
  public let images: Int
  /// The family whose rule the counted image tokens follow; nil where the server does
  /// not count, or counts by no known rule.
  public let family: String?
  /// What the prompt's text costs; nil where nothing can be predicted.
  public let cost: MeasuredTextTokens?
  /// How that was found out; nil without it.
  public let costSource: CostSource?
  /// Whether the tokenizer that is at hand agrees with that; nil without either.
  public let tokenizerAgrees: Bool?
  /// Sampling fields that the server refuses, and does without.
  public let omittedFields: [String]
  /// What the user should know.
  public let warnings: [String]

  /// How the cost of a text is found out.
  public enum CostSource: String, Codable, Sendable {
    /// The server's `/tokenize` lists the tokens.
    case tokenize
    /// From the prompt tokens of small requests with and without images.
    case requests
  }
}
