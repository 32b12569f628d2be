import Foundation
import HTTP
import Records
import Video

/// A few small requests before a long run. They find problems that would otherwise appear
/// later: a server that ignores images, accepts too few, resizes them by another rule, or
/// reports no token counts.
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
  /// The number of frames per request of the run.
  let frames: Int
  let contextTokens: Int?
  /// Counts texts as the server should; nil if there is none.
  let tokenizer: LocalChatTokenizer?
  /// The rule by which the run resizes its frames.
  let budget: QwenImageBudget
  /// Sizes of the run's videos; empty if they are not known.
  var sizes: [PictureSize] = []

  /// Sides of two pictures whose difference in tokens tells the families apart.
  static let smallSide = 448
  static let wideSide = 896

  struct Probe {
    let promptTokens: Int?
    let text: String
    let body: ChatRequestBody
  }

  /// The cost of a prompt's text, and the source of that number.
  private struct MeasuredCost {
    let cost: MeasuredTextTokens
    let source: PreflightReport.CostSource
  }

  var endpoint: String { chat.server.endpoint.base }

  /// - Throws: `DescriptionError` if the run could not work.
  func run() async throws -> PreflightReport {
    var warnings: [String] = []
    let small = try Self.picture(width: Self.smallSide, height: Self.smallSide)
    let wide = try Self.picture(width: Self.wideSide, height: Self.smallSide)
    let one = try await ask([small], of: 1)
    let larger = try await ask([wide], of: 1)
    let all = Array(repeating: small, count: frames)
    // From here on the server is known to take a picture.
    var many = try await ask(all, of: frames, isStreamed: isStreamed)
    let isCounted = many.promptTokens != nil
    // A stream without a count still proves that the server accepts the request.
    if isStreamed, !isCounted, one.promptTokens != nil { many = try await ask(all, of: frames) }
    var measured: MeasuredCost?
    var resizes = false
    var found: VisionFamily?
    if let oneTokens = one.promptTokens, let largerTokens = larger.promptTokens,
      let manyTokens = many.promptTokens
    {
      found = Self.family(of: largerTokens - oneTokens, preferred: family)
      if let found, found.factor == family.factor {
        measured = try await measuredCost(one, oneTokens, many, manyTokens)
        if let cost = measured?.cost, let warning = try await resizing(cost) {
          warnings.append(warning)
          resizes = true
        }
      } else if let found {
        throw DescriptionError.otherVisionFamily(
          endpoint: endpoint, found: found.name, assumed: family.name)
      } else {
        warnings.append(try await unknownRule(one: oneTokens, larger: largerTokens))
      }
      if !isCounted {
        // Without counts in streams, the run has nothing to compare.
        measured = nil
        warnings.append(
          "\(endpoint): streamed answers have no token counts, so dropped or resized images "
            + "will not be noticed; pass --no-stream")
      }
    } else {
      warnings.append(
        "\(endpoint): answers have no token counts, so dropped or resized images will not be "
          + "noticed")
    }
    if let contextTokens, let manyTokens = many.promptTokens {
      let needed = manyTokens + sampling.maximumTokens
      if needed > contextTokens {
        warnings.append(
          "\(endpoint): \(frames) small frames and the answer need \(needed) tokens, but the "
            + "server accepts only \(contextTokens); lower --frames or --max-tokens")
      }
    }
    if let schema = prompt.schema {
      let answer = try await ask([small], of: 1, schema: schema)
      if case .failure(let problem) = schema.read(AnswerText(answer.text).words) {
        warnings.append(
          "\(endpoint): a test answer does not match the prompt's schema: \(problem.reason)")
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
      omittedFields: chat.dialect.omittedFields.sorted(), resizesPictures: resizes,
      warnings: warnings)
  }

  /// The warning about a tokenizer that disagrees with the server; nil if the two agree.
  private func disagreement(of tokenizer: LocalChatTokenizer, with cost: MeasuredTextTokens)
    -> String?
  {
    let counted = tokenizer.textTokens(of: parts(of: 1))
    guard counted != cost.tokensWithOneFrame else { return nil }
    return "\(endpoint): the server counts \(cost.tokensWithOneFrame) text tokens, the tokenizer "
      + "in \(tokenizer.directory.path) counts \(counted), so it belongs to another model and is "
      + "not used"
  }

  /// The text's cost, after a check that the server saw all images of the large request.
  private func measuredCost(
    _ one: Probe, _ oneTokens: Int, _ many: Probe, _ manyTokens: Int
  ) async throws -> MeasuredCost {
    guard let image = family.budget().cost(width: Self.smallSide, height: Self.smallSide) else {
      preconditionFailure("a square image always has a cost")
    }
    let textTokens: (one: Int, many: Int)
    let source: PreflightReport.CostSource
    // The number of tokens that the large request lacks.
    let missing: Int
    if let counted = try await tokenizedTexts(one, many, image: image) {
      (textTokens, source) = (counted, .tokenize)
      missing = counted.many + frames * image.tokens - manyTokens
    } else {
      textTokens = (oneTokens - image.tokens, manyTokens - frames * image.tokens)
      source = .requests
      // The same texts without images. Their difference equals the difference without the
      // images' tokens, except for a token or so where an image separated two words.
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
    let digits = (
      MeasuredTextTokens.digits(in: one.body.words), MeasuredTextTokens.digits(in: many.body.words)
    )
    return MeasuredCost(
      cost: MeasuredTextTokens(
        tokensWithOneFrame: textTokens.one,
        tokensPerFrame: Double(textTokens.many - textTokens.one) / further,
        digitsWithOneFrame: digits.0, digitsPerFrame: Double(digits.1 - digits.0) / further),
      source: source)
  }

  /// The text tokens of the two requests as the server's tokenizer counts them; nil if it has
  /// none.
  private func tokenizedTexts(_ one: Probe, _ many: Probe, image: FrameCost) async throws
    -> (one: Int, many: Int)?
  {
    let tokenizer = ServerChatTokenizer(
      server: chat.server, model: model,
      imageTokens: image.tokens - QwenImageBudget.markerTokens, extraBody: sampling.extraBody)
    guard let withOne = try await tokenizer.textTokens(of: one.body, images: 1),
      let withMany = try await tokenizer.textTokens(of: many.body, images: frames)
    else { return nil }
    return (withOne, withMany)
  }

  /// The family by whose rule an image of twice the width costs this many more tokens.
  private static func family(of difference: Int, preferred: VisionFamily) -> VisionFamily? {
    ([preferred] + VisionFamily.all).first { family in
      let rule = family.budget()
      guard let small = rule.cost(width: smallSide, height: smallSide),
        let wide = rule.cost(width: wideSide, height: smallSide)
      else { return false }
      return wide.tokens - small.tokens == difference
    }
  }

  func parts(of frames: Int) -> [PromptTemplate.Part] {
    prompt.render(durationSeconds: 10, frameSeconds: (0..<frames).map { Double($0) })
  }

  /// The request about this many frames, with only the given images.
  private func body(_ images: [Data], of frames: Int) throws -> ChatRequestBody {
    let shown = parts(of: frames).filter { part in
      if case .frame(let index) = part { index < images.count } else { true }
    }
    return try ChatRequestBody(parts: shown, images: images)
  }

  /// Sends one request for an answer of one token, or for a whole answer in a schema.
  func ask(
    _ images: [Data], of frames: Int, schema: AnswerSchema? = nil, isStreamed: Bool = false
  ) async throws -> Probe {
    let body = try body(images, of: frames)
    var sampling = self.sampling
    if schema == nil { sampling.maximumTokens = 1 }
    let fields = sampling.requestFields(schema: schema, isStreamed: isStreamed)
    let exchange = ChatExchange(server: chat.server) { _ in nil }
    // Two attempts, because a server may refuse fields at first.
    var omitted = chat.dialect.omittedFields
    var patience = retry
    patience.maximumAttempts = min(2, retry.maximumAttempts)
    let loop = RetryLoop(policy: patience)
    var lastRefusal: ServerRefusal?
    do {
      return try await loop.run {
        let request = try body.encoded(model: model, fields: fields, omitting: omitted)
        switch await exchange.send(request).reply {
        case .answer(let answer):
          chat.dialect.learn(omitted)
          chat.noteAnswer(toBytes: request.count)
          return .accepted(
            Probe(promptTokens: answer.promptTokens, text: answer.text ?? "", body: body))
        case .refusal(let refusal):
          if let fields = chat.dialect.fieldsToOmit(
            refusal: refusal.words, status: refusal.status, asked: fields.map(\.name),
            omitted: omitted)
          {
            omitted = fields
            return .reworded
          }
          let rephrased = chat.reasonForProxy(refusal, bytes: request.count).map {
            ServerRefusal(status: refusal.status, words: $0)
          }
          lastRefusal = rephrased ?? refusal
          return ChatRetryLoop.verdict(on: rephrased ?? refusal)
        case .malformed(let reason), .stopped(let reason):
          lastRefusal = nil
          return .failed(.unusableAnswer(reason: reason))
        case .broken(let failure):
          lastRefusal = nil
          return .on(failure)
        case .cancelled: throw CancellationError()
        }
      }
    } catch let failure as ServerFailure {
      if images.count > 1, let refusal = lastRefusal, Self.isAboutPictures(refusal) {
        throw DescriptionError.picturesRefused(
          endpoint: endpoint, sent: images.count, status: refusal.status, reason: refusal.words)
      }
      throw DescriptionError(
        failure, endpoint: endpoint,
        video: "the check before the run with \(images.count) frames")
    }
  }

  /// Whether a refusal of several pictures by a server that accepted one is about their number
  /// or size.
  private static func isAboutPictures(_ refusal: ServerRefusal) -> Bool {
    guard ![401, 403, 408, 409, 425, 429, 502, 503, 504].contains(refusal.status) else {
      return false
    }
    return RequestRefusal(status: refusal.status, words: refusal.words) != .noVision
  }

  /// A picture that is not empty.
  static func picture(width: Int, height: Int) throws -> Data {
    var image = RGBImage(width: width, height: height)
    for index in image.pixels.indices {
      image.pixels[index] = UInt8(truncatingIfNeeded: index / 7 &+ (index / (3 * width)) &* 5)
    }
    return try JPEGCodec.encode(image, quality: 90)
  }
}

/// The results of the checks of an endpoint before a run.
public struct PreflightReport: Codable, Sendable, Equatable {
  /// The base URL.
  public let endpoint: String
  public let model: String
  /// The maximum number of tokens of question and answer, if the server reports it.
  public let contextTokens: Int?
  /// The number of images with which the server accepted a request.
  public let images: Int
  /// The family whose rule the counted image tokens follow; nil if the server does not count,
  /// or follows no known rule.
  public let family: String?
  /// The cost of the prompt's text; nil if it cannot be predicted.
  public let cost: MeasuredTextTokens?
  /// The source of `cost`; nil without it.
  public let costSource: CostSource?
  /// Whether the local tokenizer agrees with `cost`; nil without either.
  public let tokenizerAgrees: Bool?
  /// The sampling fields that the server refuses and that are not sent.
  public let omittedFields: [String]
  /// Whether the server resizes pictures of the run's sizes by other limits than the model's.
  public let resizesPictures: Bool
  /// Warnings for the user.
  public let warnings: [String]

  /// How the cost of a text was determined.
  public enum CostSource: String, Codable, Sendable {
    /// The server's `/tokenize` lists the tokens.
    case tokenize
    /// From the prompt tokens of small requests with and without images.
    case requests
  }
}
