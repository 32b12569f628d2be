import Descriptions
import Foundation
import TestSupport
import Workspaces

/// What servers in the field do with a request, each with what must become of it.
enum FieldMode: String, CaseIterable, Sendable {
  // The answer is there, in some form.
  case honest, streamed, eachUsage, noSpace, emptyData, otherType, parts
  case thoughtsBefore, onlyClosingTag, reasoningApart, chatTokens, roleName, turnGoesOn
  case busyOnce, errorOnce
  // It is not.
  case onlyReasoning, unclosedThoughts, bangs, signs, declined, empty, loop
  case imageLimit, contextLength, tooLongAtOnce, noVision, oldSizes, page, missing
  case streamContext, streamField, streamText, streamTopLevel, partial, quoted
  case nothing, sentence

  /// What the ledger must know of an item that was asked in this mode.
  enum Outcome: Sendable {
    case described([AnswerFinding])
    /// Not described: the cause, the number of requests, and words of the reason and remedy.
    case failed(AttemptCause, asked: Int, says: [String])
  }

  private static let context = "the request exceeds the available context size, try increasing it"

  var outcome: Outcome {
    switch self {
    case .honest, .streamed, .eachUsage, .noSpace, .emptyData, .otherType, .parts,
      .reasoningApart, .busyOnce, .errorOnce:
      .described([])
    case .thoughtsBefore, .onlyClosingTag: .described([.thoughts])
    case .chatTokens, .roleName, .turnGoesOn: .described([.chatTokens])
    case .onlyReasoning, .unclosedThoughts:
      .failed(.badAnswer, asked: 1, says: ["used all 160 tokens", "enable_thinking"])
    case .bangs, .signs: .failed(.badAnswer, asked: 1, says: ["no sentence", "chat template"])
    case .declined: .failed(.badAnswer, asked: 1, says: ["declined", "--prompt"])
    case .empty: .failed(.badAnswer, asked: 1, says: ["empty", "--strict"])
    case .loop: .failed(.badAnswer, asked: 1, says: ["repeats itself", "--strict"])
    case .imageLimit:
      .failed(.imageLimit, asked: 1, says: ["Image count 3", "--limit-mm-data-per-request"])
    case .contextLength:
      .failed(.contextLength, asked: 1, says: ["must be <= 600", "--max-input-tokens"])
    case .tooLongAtOnce:
      .failed(.contextLength, asked: 1, says: ["physical batch size", "-b and -ub"])
    case .noVision: .failed(.noVision, asked: 1, says: ["not supported", "--mmproj"])
    case .oldSizes: .failed(.pictureSize, asked: 1, says: ["encoder cache", "--max-pixels"])
    case .page:
      .failed(.tooLarge, asked: 1, says: ["413 Too Large: proxy", "client_max_body_size"])
    case .missing: .failed(.refusedRequest, asked: 1, says: ["HTTP 404"])
    case .streamContext, .streamField, .streamTopLevel, .partial, .quoted:
      .failed(.contextLength, asked: 1, says: [Self.context, "divided by -np"])
    case .streamText:
      .failed(.contextLength, asked: 1, says: ["must be <= 4096", "TGI: --max-input-tokens"])
    case .nothing: .failed(.malformed, asked: 5, says: ["ended before the answer was complete"])
    case .sentence: .failed(.malformed, asked: 5, says: ["upstream connect error"])
    }
  }

  /// The answer to a request whose true answer is `text`.
  ///
  /// - Parameter try: how often the same video was asked about before.
  func answer(text: String, promptTokens: Int, try number: Int) -> FaultInjectingServerAnswer {
    func chat(_ content: String, finish: String = "stop") -> FaultInjectingServerAnswer {
      .chat(content, finishReason: finish, promptTokens: promptTokens)
    }
    func chunks(
      _ deltas: [String], finish: String = "stop", space: String = " ", before: String = ""
    )
      -> FaultInjectingServerAnswer
    {
      let usage = "{\"prompt_tokens\":\(promptTokens),\"completion_tokens\":30}"
      let events =
        deltas.map { "{\"choices\":[{\"delta\":\($0),\"finish_reason\":null}],\"usage\":\(usage)}" }
        + [
          "{\"choices\":[{\"delta\":{},\"finish_reason\":\"\(finish)\"}]}",
          "{\"choices\":null,\"usage\":\(usage)}", "[DONE]",
        ]
      return .answer(
        status: 200,
        headers: ["Content-Type": self == .otherType ? "text/plain" : "text/event-stream"],
        body: Data((before + events.map { "data:\(space)\($0)\r\n\r\n" }.joined()).utf8))
    }
    func stream(_ body: String) -> FaultInjectingServerAnswer {
      .answer(
        status: 200, headers: ["Content-Type": "text/event-stream"], body: Data(body.utf8))
    }
    func delta(_ name: String, _ text: String) -> String {
      let quoted = String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
      return "{\"\(name)\":\(quoted)}"
    }
    let error = "{\"code\":400,\"message\":\"\(Self.context)\"}"
    switch self {
    case .honest: return chat(text)
    case .streamed: return .streamedChat(text, promptTokens: promptTokens)
    case .eachUsage: return chunks(text.map { delta("content", String($0)) })
    case .noSpace, .otherType: return chunks([delta("content", text)], space: "")
    case .emptyData: return chunks([delta("content", text)], before: "data:\n\n: ping\n\n")
    case .parts: return chunks(["{\"content\":[\(delta("text", text))]}"])
    case .thoughtsBefore:
      return chunks(
        ["<thi", "nk>Someone may fall.</th", "ink>\n\n", text].map { delta("content", $0) })
    case .onlyClosingTag: return chat("Okay, I look at every frame.\n</think>\n\n" + text)
    case .reasoningApart:
      return chunks([delta("reasoning_content", "I look."), delta("content", text)])
    case .chatTokens: return chat("<|im_start|>assistant\n\(text)<|im_end|>")
    case .roleName: return chat("Assistant: \(text)")
    case .turnGoesOn:
      return chat("\(text)<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nMore?")
    case .busyOnce where number == 0:
      return stream("data: {\"error\":{\"message\":\"busy\",\"code\":\"429\"}}\n\n")
    case .errorOnce where number == 0:
      return chunks([
        delta("content", "A man "), "{},\"error\":{\"message\":\"died\",\"code\":500}",
      ])
    case .busyOnce, .errorOnce: return chat(text)
    case .onlyReasoning:
      return chunks([delta("reasoning", "I look at all frames. ")], finish: "length")
    case .unclosedThoughts: return chat("<think>\(text)", finish: "length")
    case .bangs: return chat(String(repeating: "!", count: 24))
    case .signs: return chat("**\n- \n🚗")
    case .declined: return chat("I'm sorry, but I can't describe this.")
    case .empty: return chat("")
    case .loop: return chat(String(repeating: "and the man walks ", count: 40), finish: "length")
    case .imageLimit:
      return .json(
        "{\"object\":\"error\",\"message\":\"Image count 3 exceeds limit 1 per request.\"}",
        status: 400)
    case .contextLength:
      return .json(
        "{\"error\":\"`inputs` tokens + `max_new_tokens` must be <= 600\",\"error_type\":\"validation\"}",
        status: 422)
    case .tooLongAtOnce:
      return .error(500, "input is too large to process. increase the physical batch size")
    case .noVision: return .error(500, "image input is not supported by this server")
    case .oldSizes:
      return .error(400, "an image item exceeds the pre-allocated encoder cache size 4800")
    case .page:
      return .answer(
        status: 413, headers: ["Content-Type": "text/html"],
        body: Data("<html><title>413 Too Large</title><h1>413 Too Large</h1><hr>proxy".utf8))
    case .missing: return .error(404, "no such path")
    case .streamContext: return stream("data: {\"error\":\(error)}\n\ndata: [DONE]\n\n")
    case .streamField: return stream("error: \(error)\n\n")
    case .streamText:
      return stream(
        "data: {\"error\":\"`inputs` tokens + `max_new_tokens` must be <= 4096\"}\n\n")
    case .streamTopLevel:
      return stream("data: {\"object\":\"error\",\"message\":\"\(Self.context)\",\"code\":400}\n\n")
    case .partial: return chunks([delta("content", "\(text) And"), "{},\"error\":\(error)"])
    case .quoted:
      return .json(
        "{\"error\":{\"message\":\"Error code: 400 - {'message': '\(Self.context)'}\"}}",
        status: 400)
    case .nothing: return stream("data: [DONE]\n\n")
    case .sentence: return stream("upstream connect error\n")
    }
  }
}
