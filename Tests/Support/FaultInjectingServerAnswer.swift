import Foundation

/// What the fault-injecting server does with a request.
public enum FaultInjectingServerAnswer: Sendable {
  /// A whole answer.
  case answer(status: Int, headers: [String: String], body: Data)
  /// A head that promises `body`, `count` bytes of it, then a reset.
  case resetMidBody(body: Data, after: Int)
  /// A head that promises `body`, `count` bytes of it, then nothing more.
  case stallMidBody(body: Data, after: Int)
  /// Nothing, with the connection open.
  case stall
  /// The connection is closed without a word.
  case hangUp
  /// An event stream in which one piece comes again and again, until the client
  /// has enough.
  case loop(piece: Data)
  /// The body in pieces with a pause after each.
  case slowly(body: Data, pieceBytes: Int, pauseSeconds: Double)
  /// The body in pieces, each of them once `wait`, called after the piece before, returns.
  case inTurns(body: Data, pieceBytes: Int, wait: @Sendable () -> Void)

  /// A whole answer of JSON.
  public static func json(_ text: String, status: Int = 200, headers: [String: String] = [:])
    -> FaultInjectingServerAnswer
  {
    .answer(
      status: status,
      headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
      body: Data(text.utf8))
  }

  /// A chat answer as vLLM writes it.
  public static func chat(
    _ content: String, finishReason: String = "stop", promptTokens: Int = 100,
    completionTokens: Int = 10
  ) -> FaultInjectingServerAnswer {
    let quoted = (try? JSONEncoder().encode(content)).map { String(decoding: $0, as: UTF8.self) }
    return .json(
      """
      {"id":"c","object":"chat.completion","model":"fake","choices":[{"index":0,"message":\
      {"role":"assistant","content":\(quoted ?? "\"\""),"refusal":null},"logprobs":null,\
      "finish_reason":"\(finishReason)"}],"usage":{"prompt_tokens":\(promptTokens),\
      "completion_tokens":\(completionTokens),"total_tokens":\(promptTokens + completionTokens)}}
      """)
  }

  /// A chat answer sent word by word, as vLLM streams it: the whole count at the end.
  public static func streamedChat(
    _ content: String, finishReason: String? = "stop", promptTokens: Int = 100,
    endsProperly: Bool = true
  ) -> FaultInjectingServerAnswer {
    let words = content.split(separator: " ", omittingEmptySubsequences: false)
    var events = words.enumerated().map { place, word in
      chunk((place == 0 ? "" : " ") + word)
    }
    if let finishReason {
      events.append("{\"choices\":[{\"delta\":{},\"finish_reason\":\"\(finishReason)\"}]}")
    }
    events.append(
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":\(promptTokens),"
        + "\"completion_tokens\":\(words.count)}}")
    if endsProperly { events.append("[DONE]") }
    return stream(events)
  }

  /// An event stream.
  public static func stream(_ events: [String]) -> FaultInjectingServerAnswer {
    .answer(
      status: 200, headers: ["Content-Type": "text/event-stream"],
      body: Data(events.map { "data: \($0)\n\n" }.joined().utf8))
  }

  /// A model that says the same words for ever.
  public static func loop(saying words: String) -> FaultInjectingServerAnswer {
    .loop(piece: Data("data: \(chunk(words))\n\n".utf8))
  }

  private static func chunk(_ words: String) -> String {
    let quoted = (try? JSONEncoder().encode(words)).map { String(decoding: $0, as: UTF8.self) }
    return "{\"choices\":[{\"delta\":{\"content\":\(quoted ?? "\"\"")},\"finish_reason\":null}]}"
  }

  /// Embeddings as vLLM and infinity write them; `indices` are 0, 1, 2, ... where
  /// none are given. A number that is none is written as `NaN`.
  public static func embeddings(_ rows: [[Float]], indices: [Int]? = nil)
    -> FaultInjectingServerAnswer
  {
    let items = rows.enumerated().map { place, row in
      let numbers = row.map { $0.isNaN ? "NaN" : "\($0)" }.joined(separator: ",")
      return "{\"object\":\"embedding\",\"index\":\(indices?[place] ?? place),"
        + "\"embedding\":[\(numbers)]}"
    }
    return .json(
      "{\"object\":\"list\",\"model\":\"fake\",\"data\":[\(items.joined(separator: ","))]}")
  }

  /// A list of served models.
  public static func models(_ names: [String]) -> FaultInjectingServerAnswer {
    let list = names.map { "{\"id\":\"\($0)\",\"object\":\"model\",\"max_model_len\":32768}" }
    return .json("{\"object\":\"list\",\"data\":[\(list.joined(separator: ","))]}")
  }

  /// An error in OpenAI's form.
  public static func error(_ status: Int, _ message: String, headers: [String: String] = [:])
    -> FaultInjectingServerAnswer
  {
    .json(
      "{\"error\":{\"message\":\"\(message)\",\"type\":\"Error\",\"code\":\(status)}}",
      status: status, headers: headers)
  }
}

/// A request as the fault-injecting server received it.
public struct FaultInjectingServerRequest: Sendable {
  public let method: String
  public let path: String
  /// Header fields, names in lower case.
  public let headers: [String: String]
  public let body: Data
  /// Which connection it came on, from 0.
  public let connection: Int
  /// How many requests for the same path came before it.
  public let index: Int

  /// The body as a JSON object.
  public var json: [String: Any]? {
    try? JSONSerialization.jsonObject(with: body) as? [String: Any]
  }
}
