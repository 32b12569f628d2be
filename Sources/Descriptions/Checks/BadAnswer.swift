import Foundation
import Workspaces

/// Why an answer is not kept, and what helps.
struct BadAnswer: Sendable {
  let reason: String
  let remedy: AnswerRemedy

  /// - Parameters:
  ///   - finding: a finding that is fatal.
  ///   - read: what was found in the answer's words.
  ///   - tokenLimit: the most tokens that the request allowed.
  init(_ finding: AnswerFinding, answer: ChatAnswer, read: AnswerText, tokenLimit: Int) {
    let isCut = answer.finishReason == "length"
    switch finding {
    case .onlyThoughts:
      let thoughts = answer.reasoning.isEmpty ? read.cut.joined(separator: " ") : answer.reasoning
      reason =
        (isCut
          ? "the model used all \(tokenLimit) tokens for its reasoning"
          : "the message contains the model's reasoning and no answer")
        + ": '\(Self.end(of: thoughts))'"
      remedy = .thinkingOff
    case .empty where isCut && (answer.completionTokens ?? 0) <= 1:
      reason = "the server stopped at the token limit before the first word"
      remedy = .moreContext
    case .empty where isCut:
      reason =
        "the model used all \(tokenLimit) tokens and wrote no word, as a model does whose "
        + "reasoning the server keeps back"
      remedy = .thinkingOff
    case .empty:
      reason = "the answer is empty"
      remedy = .askOtherwise
    case .noWords:
      reason = "the answer has no sentence in it: '\(Self.end(of: answer.text ?? ""))'"
      remedy = .checkModel
    case .refused:
      reason = "the model declined: \((answer.refusal ?? read.words).prefix(200))"
      remedy = .askOtherwise
    case .repeating:
      reason = TextRepetition.finding(in: read.words)
      remedy = .askOtherwise
    default:
      reason = finding.rawValue
      remedy = .askOtherwise
    }
  }

  private static func end(of text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 80 ? "... \(line.suffix(80))" : line
  }
}

/// What helps against answers that cannot be used.
public enum AnswerRemedy: Sendable, Equatable, CaseIterable {
  /// Other sampling or another question may bring another answer.
  case askOtherwise
  /// The model thinks before it answers.
  case thinkingOff
  /// The question leaves no room for an answer.
  case moreContext
  /// The model writes no sentences: its numbers, its quantization or its template is wrong.
  case checkModel

  /// The answer is none of a chat server's.
  case checkServer

  /// The next step, as the end of a message.
  public var words: String {
    switch self {
    case .askOtherwise: "try --strict, another --prompt or a higher --max-tokens"
    case .thinkingOff:
      "raise --max-tokens, or switch thinking off: --extra-body "
        + "'{\"chat_template_kwargs\": {\"enable_thinking\": false}}'"
    case .moreContext:
      "lower --frames or --max-pixels, or raise the server's context "
        + "(\(ServerKind.options(for: .contextLength)))"
    case .checkModel:
      "check the server's model: its weights, quantization and chat template; --strict asks again"
    case .checkServer: "check the server's address and log"
    }
  }
}

extension AnswerFinding {
  /// What answers with this finding are, for a message about many of them.
  var inWords: String {
    switch self {
    case .empty: "empty"
    case .onlyThoughts: "reasoning without an answer"
    case .noWords: "signs without a sentence"
    case .refused: "refusals"
    case .repeating: "repetitions"
    case .notSchema: "not the requested JSON"
    default: rawValue
    }
  }

  /// What usually helps against answers with this finding.
  var remedy: AnswerRemedy {
    switch self {
    case .onlyThoughts: .thinkingOff
    case .noWords: .checkModel
    default: .askOtherwise
    }
  }
}
