import Foundation
import HTTP
import Workspaces

/// Decides about replies: keep the answer, ask again, or give up.
extension ChatRetryLoop {
  /// Decides about a reply, and learns which fields the endpoint accepts.
  func judge(
    _ reply: ChatExchange.Reply, _ question: ChatQuestion, at lease: EndpointLease,
    asked: [String], omitted: Set<String>, bytes: Int, _ progress: inout Progress,
    _ attempt: inout LedgerAttempt
  ) -> Verdict {
    switch reply {
    case .answer(let answer):
      servers[lease.index].dialect.learn(omitted)
      servers[lease.index].noteAnswer(toBytes: bytes)
      return judge(
        answer, question, servers[lease.index].identity(model: lease.model), &progress, &attempt)
    case .stopped(let reason):
      attempt.httpStatus = 200
      return reject(.repeating, reason, [.repeating], &progress, &attempt)
    case .malformed(let reason):
      attempt.httpStatus = 200
      attempt.error = reason
      attempt.cause = .malformed
      return .retry(reason: reason, retryAfter: nil, serverWasReached: true)
    case .broken(let failure):
      attempt.error = failure.reason
      attempt.cause =
        [.firstByteTimeout, .noProgress, .connectTimeout].contains(failure.kind)
        ? .timeout : .network
      return .on(failure)
    case .cancelled:
      attempt.status = .cancelled
      attempt.error = "interrupted"
      attempt.cause = .interrupted
      return .reworded
    case .refusal(let refusal):
      attempt.httpStatus = refusal.status
      attempt.error = refusal.words
      attempt.cause = AttemptCause(refusal)
      if let fields = servers[lease.index].dialect.fieldsToOmit(
        refusal: refusal.words, status: refusal.status, asked: asked, omitted: omitted)
      {
        attempt.cause = .dialect
        progress.omitted[lease.index] = fields
        return .reworded
      }
      if let reason = servers[lease.index].reasonForProxy(refusal, bytes: bytes) {
        attempt.cause = .tooLarge
        attempt.error = reason
        return .failed(.refused(status: refusal.status, reason: reason))
      }
      return Self.verdict(on: refusal)
    }
  }

  /// The verdict on a refusal: one that would come again is not asked again, whatever its
  /// status.
  static func verdict<Answer>(on refusal: ServerRefusal) -> RetryLoop.Verdict<Answer> {
    guard RequestRefusal.isFinal(refusal), RetryPolicy.isRetryable(status: refusal.status) else {
      return .on(refusal)
    }
    return .failed(.refused(status: refusal.status, reason: refusal.words))
  }

  private func judge(
    _ answer: ChatAnswer, _ question: ChatQuestion, _ identity: DescriberIdentity,
    _ progress: inout Progress, _ attempt: inout LedgerAttempt
  ) -> Verdict {
    attempt.httpStatus = 200
    attempt.promptTokens = answer.promptTokens
    attempt.completionTokens = answer.completionTokens
    attempt.finishReason = answer.finishReason
    progress.remedy = .askOtherwise
    if let failure = Self.failure(in: answer) {
      attempt.error = failure.words
      attempt.cause = .serverError
      return Self.verdict(on: failure)
    }
    let read = AnswerText(answer.text ?? "", hasReasoning: !answer.reasoning.isEmpty)
    var text = question.schema == nil ? AnswerSchema.onlyText(in: read.words) : read.words
    let declined =
      answer.refusal.map { !$0.isEmpty } ?? false || answer.finishReason == "content_filter"
    var findings = checks.findings(
      read, finishReason: answer.finishReason, declined: declined, leaks: question.leaks)
    // The words of a structured answer are counted in its sentences.
    if question.schema != nil { findings.removeAll { $0 == .noWords } }
    if let counted = answer.promptTokens, question.expected?.isMissed(by: counted) == true {
      findings.append(.imageTokens)
    }
    var structured: String?
    var violation: String?
    if let schema = question.schema, !findings.contains(where: \.isFatal) {
      switch schema.read(text) {
      case .success(let object):
        structured = object.json
        text = object.sentences
        if text.isEmpty {
          findings.insert(.empty, at: 0)
        } else if checks.needsWords, !AnswerWords.areEnough(text) {
          findings.insert(.noWords, at: 0)
        }
      case .failure(let problem):
        violation = problem.reason
        findings.insert(.notSchema, at: 0)
      }
    }
    attempt.findings = findings.isEmpty ? nil : findings
    if let violation {
      let isCut = findings.contains(.truncated)
      return reject(
        isCut ? .truncated : .notSchema, "the answer does not match the schema: \(violation)",
        findings, &progress, &attempt)
    }
    if let fatal = findings.first(where: \.isFatal) {
      let bad = BadAnswer(
        fatal, answer: answer, read: read, tokenLimit: progress.sampling.maximumTokens)
      progress.remedy = bad.remedy
      return reject(
        // More tokens may let the thoughts end.
        [.onlyThoughts, .empty].contains(fatal) && findings.contains(.truncated)
          ? .truncated : fatal, bad.reason, findings, &progress, &attempt)
    }
    var description = Description(
      text: text, describer: identity,
      status: answer.finishReason == "length" ? .truncated : .complete,
      promptTokens: answer.promptTokens, completionTokens: answer.completionTokens,
      findings: findings, structured: structured)
    if let expected = question.expected, let counted = answer.promptTokens, expected.images > 0,
      let remedy = question.resizingRemedy
    {
      description.pictureTokens = PictureTokens(
        endpoint: identity.endpoint ?? identity.model, pictures: expected.images,
        counted: counted - (expected.tokens - expected.imageTokens),
        predicted: expected.imageTokens, remedy: remedy)
    }
    if question.expected != nil, answer.promptTokens == nil {
      description.uncountedAt = identity.endpoint
    }
    var success = attempt
    success.status = .succeeded
    success.error = read.note
    if let passing = findings.first(where: \.mayPass) {
      let before = progress.kept?.description.findings.count ?? .max
      if findings.count <= before {
        progress.kept = KeptAnswer(description: description, attempt: success)
      }
      let isAskedAgain = askAgain(passing, &progress)
      if isAskedAgain || findings.count > before {
        let reason =
          "\(isAskedAgain ? "asked again" : "worse than the answer before"): "
          + Self.words(for: passing)
        attempt.error = reason
        attempt.cause = .badAnswer
        return isAskedAgain ? .reworded : .failed(.unusableAnswer(reason: reason))
      }
    }
    attempt = success
    return .accepted(description)
  }

  /// A server's failure that looks like an answer: it stopped in the middle, or the words are
  /// an error message.
  private static func failure(in answer: ChatAnswer) -> ServerRefusal? {
    if !answer.isWhole, let reason = answer.finishReason {
      return ServerRefusal(
        status: 500, words: "the server ended the answer early (finish_reason '\(reason)')")
    }
    guard let text = answer.text,
      text.prefixMatch(of: /(?i)\s*[\[(*#]*\s*(?:internal |server |fatal )*error\s*[\]):*]/) != nil
    else { return nil }
    return ServerRefusal(status: 500, words: ErrorText.line(text))
  }

  /// Rejects an answer. The same question at temperature 0 would get the same answer, so it
  /// is asked with other sampling or not again.
  private func reject(
    _ finding: AnswerFinding, _ reason: String, _ findings: [AnswerFinding],
    _ progress: inout Progress, _ attempt: inout LedgerAttempt
  ) -> Verdict {
    attempt.error = reason
    attempt.cause = .badAnswer
    attempt.findings = findings.isEmpty ? nil : findings
    if askAgain(finding, &progress) { return .reworded }
    return .failed(.unusableAnswer(reason: reason))
  }

  /// A finding of an answer that is kept in words, with its name in the ledger.
  private static func words(for finding: AnswerFinding) -> String {
    switch finding {
    case .truncated: "the answer was cut at the token limit (truncated)"
    case .wrongScript: "the answer is not in the expected script (wrongScript)"
    case .namesFile: "the answer contains words from the file's name (namesFile)"
    default: finding.rawValue
    }
  }

  private func askAgain(_ finding: AnswerFinding, _ progress: inout Progress) -> Bool {
    guard checks.isStrict, finding.mayPass, progress.variations < AnswerChecks.variations else {
      return false
    }
    progress.variations += 1
    progress.sampling = progress.sampling.varied(progress.variations, for: finding)
    return true
  }
}
