import Foundation
import Records
import Workspaces

/// The question about one video, the same at every endpoint.
struct ChatQuestion: Sendable {
  let videoID: String
  let body: ChatRequestBody
  let sampling: SamplingParameters
  /// The tokens that a server should count; nil if nothing predicts them.
  let expected: ExpectedPromptTokens?
  let leaks: LabelGuard
  /// The schema of the answer; nil for plain sentences.
  let schema: AnswerSchema?
  /// What helps if the server resizes the images; nil if the user knows that it does.
  var resizingRemedy: String?
  /// The number of servers that were lost under it in earlier runs.
  var lossesBefore = 0
}

/// The JSON of a chat request: one user message of texts and images in turn, and the sampling
/// fields. It is written by hand, because most of it is images, which need no escaping.
package struct ChatRequestBody: Sendable {
  private let messages: Data
  /// The words of the message, without the images.
  package let words: String

  /// - Parameters:
  ///   - parts: the message.
  ///   - images: one JPEG for each frame of the message.
  init(parts: [PromptTemplate.Part], images: [Data]) throws {
    var data = Data()
    data.reserveCapacity(images.reduce(8192) { $0 + $1.count * 4 / 3 + 128 })
    data += Data("\"messages\":[{\"role\":\"user\",\"content\":[".utf8)
    var words = ""
    for (index, part) in parts.enumerated() {
      if index > 0 { data += Data(",".utf8) }
      switch part {
      case .text(let text):
        words += text
        data += Data("{\"type\":\"text\",\"text\":".utf8)
        data += try JSONRecord.encode(text, pretty: false)
        data += Data("}".utf8)
      case .frame(let frame):
        data += Data(
          "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,".utf8)
        data += images[frame].base64EncodedData()
        data += Data("\"}}".utf8)
      }
    }
    data += Data("]}]".utf8)
    messages = data
    self.words = words
  }

  /// The bytes for a model, with these fields in this order, except the omitted ones.
  package func encoded(
    model: String, fields: [(name: String, value: String)], omitting omitted: Set<String> = []
  ) throws -> Data {
    var data = Data()
    data.reserveCapacity(messages.count + 4096)
    data += Data("{\"model\":".utf8)
    data += try JSONRecord.encode(model, pretty: false)
    data += Data(",".utf8)
    data += messages
    for (name, value) in fields where !omitted.contains(name) {
      data += Data(",\"\(name)\":\(value)".utf8)
    }
    data += Data("}".utf8)
    return data
  }
}

/// How a model samples its words. Every field is sent, because servers fill missing ones from
/// the model's own defaults, such as Qwen2.5-VL's repetition penalty of 1.05.
public struct SamplingParameters: Codable, Sendable, Hashable {
  /// 0 always takes the most likely word.
  public var temperature: Double
  public var topP: Double
  /// -1 for no limit.
  public var topK: Int
  /// 1 for no penalty.
  public var repetitionPenalty: Double
  /// The maximum number of tokens per answer.
  public var maximumTokens: Int
  public var seed: Int
  /// The server's own fields; nil for none.
  public var extraBody: ExtraBody?

  public init(
    temperature: Double = 0, topP: Double = 1, topK: Int = -1, repetitionPenalty: Double = 1,
    maximumTokens: Int = 160, seed: Int = 0, extraBody: ExtraBody? = nil
  ) {
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.repetitionPenalty = repetitionPenalty
    self.maximumTokens = maximumTokens
    self.seed = seed
    self.extraBody = extraBody
  }

  /// The fields with their names in a chat request, in the order in which they are sent. The
  /// request asks for one answer (`n` is 1).
  var fields: [(name: String, value: String)] {
    [
      ("temperature", number(temperature)), ("top_p", number(topP)), ("top_k", String(topK)),
      ("repetition_penalty", number(repetitionPenalty)), ("max_tokens", String(maximumTokens)),
      ("n", "1"), ("seed", String(seed)),
    ]
  }

  /// All fields of a chat request except the model and the messages, in order.
  func requestFields(schema: AnswerSchema?, isStreamed: Bool) -> [(name: String, value: String)] {
    let fields =
      self.fields + (schema.map { [$0.field] } ?? []) + (extraBody?.fields ?? [])
    guard isStreamed else { return fields }
    return fields + [
      ("stream", "true"), ("stream_options", "{\"include_usage\":true}"),
    ]
  }

  /// The sampling of another try after an answer with a finding: a higher temperature with a
  /// seed of its own, or more tokens after a cut.
  func varied(_ number: Int, for finding: AnswerFinding) -> SamplingParameters {
    var other = self
    if finding == .truncated {
      other.maximumTokens *= 2
    } else {
      other.temperature = max(temperature, 0.4 + 0.3 * Double(number - 1))
      other.topP = min(topP, 0.95)
      other.repetitionPenalty = max(repetitionPenalty, 1.05)
      other.seed = seed &+ number
    }
    return other
  }

  /// The fields that may be omitted, in the order in which they are given up if a refusal
  /// names none of them: the least important first. Without `stream_options`, a lost image
  /// cannot be noticed.
  static let optionalFields = [
    ["top_k", "repetition_penalty"], ["n", "seed"], ["response_format"], ["stream_options"],
  ]

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }
}
