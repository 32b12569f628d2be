import Foundation
import Records
import Workspaces

/// How a model is asked to choose its words. Every field is sent, because
/// servers fill gaps from a model's own defaults (Qwen2.5-VL's repetition penalty
/// of 1.05, for one).
public struct SamplingParameters: Codable, Sendable, Hashable {
  /// 0 takes the likeliest word each time.
  public var temperature: Double
  public var topP: Double
  /// -1 for no limit.
  public var topK: Int
  /// 1 for none.
  public var repetitionPenalty: Double
  /// The most tokens of an answer.
  public var maximumTokens: Int
  public var seed: Int

  public init(
    temperature: Double = 0, topP: Double = 1, topK: Int = -1, repetitionPenalty: Double = 1,
    maximumTokens: Int = 160, seed: Int = 0
  ) {
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.repetitionPenalty = repetitionPenalty
    self.maximumTokens = maximumTokens
    self.seed = seed
  }

  /// The fields as a chat request names them, in the order in which they are sent.
  /// One answer is asked for (`n` is 1).
  var fields: [(name: String, value: String)] {
    [
      ("temperature", number(temperature)), ("top_p", number(topP)), ("top_k", String(topK)),
      ("repetition_penalty", number(repetitionPenalty)), ("max_tokens", String(maximumTokens)),
      ("n", "1"), ("seed", String(seed)),
    ]
  }

  /// All fields of a chat request but the model and the messages, in order.
  func requestFields(schema: AnswerSchema?, isStreamed: Bool) -> [(name: String, value: String)] {
    let fields = self.fields + (schema.map { [$0.field] } ?? [])
    guard isStreamed else { return fields }
    return fields + [
      ("stream", "true"), ("stream_options", "{\"include_usage\":true}"),
    ]
  }

  /// Another way to ask after an answer with a finding: a warmer choice of words with
  /// a seed of its own; more room after a cut.
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

  /// Fields that a server may do without, in the order in which they are given up
  /// where it names none of them in its refusal: what costs least first. Without
  /// `stream_options` nobody notices a lost image.
  static let optionalFields = [
    ["top_k", "repetition_penalty"], ["n", "seed"], ["response_format"], ["stream_options"],
  ]

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }
}

/// The JSON of a chat request: one user message of texts and images in turn, and
/// the sampling fields. Written by hand, because the images are most of it and
/// need no escaping.
package struct ChatRequestBody: Sendable {
  private let messages: Data
  /// The words that are sent, without the images.
  package let words: String

  /// - Parameters:
  ///   - parts: the message.
  ///   - images: a JPEG for each frame that the message shows.
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

  /// The bytes for a model, with these fields in this order but for the omitted ones.
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
