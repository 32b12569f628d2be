import Descriptions
import Foundation
import TestSupport

/// A server that counts prompt tokens like Qwen's: one token per character of the text,
/// and images by a family's rule. It may see fewer images than it gets.
struct CountingServer: Sendable {
  var family = VisionFamily.fallback
  var mostImages = Int.max
  var limit: Int?
  /// The share of an image's tokens that is counted.
  var share = 1.0
  /// The server's own limits of a picture's pixels; nil for the family's.
  var minimumPixels: Int?
  var maximumPixels: Int?
  /// Whether it has vLLM's `/tokenize`, which shows all images that it gets.
  var hasTokenizer = false
  /// Whether streamed answers end with a count.
  var countsStreams = true
  /// Counts the text; nil for one token per character.
  var textTokens: (@Sendable ([PromptTemplate.Part]) -> Int)?
  /// Tokens of the chat template.
  static let templateTokens = 20

  func answer(_ request: FaultInjectingServerRequest) -> FaultInjectingServerAnswer {
    if hasTokenizer, request.path == "/tokenize" { return tokens(of: request) }
    guard request.path == "/v1/chat/completions" else { return .error(404, "no such path") }
    let (_, images) = Self.content(of: request)
    if let limit, images.count > limit {
      return .error(400, "At most \(limit) image(s) may be provided in one prompt.")
    }
    if !countsStreams, request.json?["stream"] as? Bool == true {
      return .stream([
        "{\"choices\":[{\"delta\":{\"content\":\"A man walks.\"},\"finish_reason\":\"stop\"}]}",
        "[DONE]",
      ])
    }
    return .chat(
      "A person walks by \(request.body.hashValue)",
      promptTokens: promptTokens(of: request))
  }

  /// The tokens of a request as vLLM lists them: a letter's number, and for an image its
  /// start, one repeated token, and its end.
  private func tokens(of request: FaultInjectingServerRequest) -> FaultInjectingServerAnswer {
    var images = Self.content(of: request).images[...]
    var tokens = Array(1_000_000..<1_000_000 + Self.templateTokens)
    for part in Self.parts(of: request) {
      if case .text(let text) = part {
        tokens += text.map { Int($0.unicodeScalars.first?.value ?? 0) }
      } else if let image = images.popFirst() {
        let count = promptTokens(textTokens: 0, images: [image]) - QwenImageBudget.markerTokens
        tokens += [2_000_000] + Array(repeating: 2_000_001, count: count) + [2_000_002]
      }
    }
    return .json("{\"count\":\(tokens.count),\"max_model_len\":32768,\"tokens\":\(tokens)}")
  }

  /// The tokens that it counts for a request.
  func promptTokens(of request: FaultInjectingServerRequest) -> Int {
    let (text, images) = Self.content(of: request)
    let counted = textTokens.map { $0(Self.parts(of: request)) }
    return promptTokens(textTokens: counted ?? text.count + Self.templateTokens, images: images)
  }

  /// The words and the images of a chat request.
  static func content(of request: FaultInjectingServerRequest) -> (text: String, images: [Data]) {
    let messages = request.json?["messages"] as? [[String: Any]] ?? []
    let parts = messages.flatMap { $0["content"] as? [[String: Any]] ?? [] }
    let urls = parts.compactMap { ($0["image_url"] as? [String: Any])?["url"] as? String }
    return (
      parts.compactMap { $0["text"] as? String }.joined(),
      urls.compactMap { Data(base64Encoded: String($0.drop { $0 != "," }.dropFirst())) }
    )
  }

  /// The parts of the message in their order.
  private static func parts(of request: FaultInjectingServerRequest) -> [PromptTemplate.Part] {
    let messages = request.json?["messages"] as? [[String: Any]] ?? []
    return messages.flatMap { $0["content"] as? [[String: Any]] ?? [] }.map { part in
      (part["text"] as? String).map { .text($0) } ?? .frame(0)
    }
  }

  private func promptTokens(textTokens: Int, images: [Data]) -> Int {
    images.prefix(mostImages).reduce(textTokens) { sum, jpeg in
      let size = Self.size(of: [UInt8](jpeg))
      let budget = QwenImageBudget(
        factor: family.factor, minimumPixels: minimumPixels ?? family.minimumPixels,
        maximumPixels: maximumPixels)
      let cost = budget.cost(width: size.width, height: size.height)?.tokens ?? 0
      return sum + Int(Double(cost) * share)
    }
  }

  /// The size in a JPEG's frame header; 0x0 if there is none.
  private static func size(of bytes: [UInt8]) -> (width: Int, height: Int) {
    var index = 2
    while index + 8 < bytes.count, bytes[index] == 0xFF {
      func number(_ place: Int) -> Int {
        Int(bytes[index + place]) << 8 | Int(bytes[index + place + 1])
      }
      if (0xC0...0xC2).contains(bytes[index + 1]) { return (number(7), number(5)) }
      index += 2 + number(2)
    }
    return (0, 0)
  }
}
