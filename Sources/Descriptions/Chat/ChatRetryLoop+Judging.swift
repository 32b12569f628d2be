import Foundation
import HTTP
import Workspaces

/// What replies are worth: kept, asked again, or given up.
extension ChatRetryLoop {
  /// What a reply comes to; the endpoint's manner of speaking is learned from it.
  func judge(
    _ reply: ChatExchange.Reply, _ question: ChatQuestion, at lease: EndpointLease,
    asked: [String], omitted: Set<String>, _ progress: inout Progress,
    _ outcome: inout AttemptOutcome
  ) -> Verdict {
    switch reply {
    case .answer(let answer):
      servers[lease.index].dialect.learn(omitted)
      return judge(
        answer, question, servers[lease.index].identity(model: lease.model), &progress, &outcome)
    case .stopped(let reason):
      outcome.httpStatus = 200
      return reject(.repeating, reason, [.repeating], &progress, &outcome)
    case .malformed(let reason):
      outcome.httpStatus = 200
      outcome.error = reason
      outcome.cause = .malformed
      return .retry(reason: reason, retryAfter: nil, serverWasReached: true)
    case .broken(let failure):
      outcome.error = failure.reason
      outcome.cause =
        [.firstByteTimeout, .noProgress, .connectTimeout].contains(failure.kind)
        ? .timeout : .network
      return .on(failure)
    case .cancelled:
      outcome.status = .cancelled
      outcome.error = "interrupted"
      outcome.cause = .interrupted
      return .reworded
    case .refusal(let response):
      outcome.httpStatus = response.head.status
      outcome.error = response.errorText
      outcome.cause = AttemptCause(refusal: response)
      if let fields = servers[lease.index].dialect.fieldsToOmit(
        refusal: response.errorText, status: response.head.status, asked: asked,
        omitted: omitted)
      {
        outcome.cause = .dialect
        progress.omitted[lease.index] = fields
        return .reworded
      }
      return .on(refusal: response)
    }
  }

  private func judge(
    _ answer: ChatAnswer, _ question: ChatQuestion, _ identity: DescriberIdentity,
    _ progress: inout Progress, _ outcome: inout AttemptOutcome
  ) -> Verdict {
    outcome.httpStatus = 200
    outcome.promptTokens = answer.promptTokens
    outcome.completionTokens = answer.completionTokens
    outcome.finishReason = answer.finishReason
    var text = (answer.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    let declined = answer.refusal.map { !$0.isEmpty } ?? false
    var findings = checks.findings(
      text, finishReason: answer.finishReason, declined: declined, leaks: question.leaks)
    if let counted = answer.promptTokens, question.expected?.isMissed(by: counted) == true {
      findings.append(.imageTokens)
    }
    var structured: String?
    var violation: String?
    if let schema = question.schema, !findings.contains(where: \.isFatal) {
      switch schema.read(text) {
      case .success(let read):
        structured = read.json
        text = read.sentences
        if text.isEmpty { findings.insert(.empty, at: 0) }
      case .failure(let problem):
        violation = problem.reason
        findings.insert(.notSchema, at: 0)
      }
    }
    outcome.findings = findings
    if let violation {
      let isCut = findings.contains(.truncated)
      return reject(
        isCut ? .truncated : .notSchema, "not the JSON that was asked for: \(violation)",
        findings, &progress, &outcome)
    }
    if let fatal = findings.first(where: \.isFatal) {
      return reject(
        fatal,
        fatal == .refused
          ? "the model declined: \((answer.refusal ?? text).prefix(200))"
          : fatal == .repeating ? "repeats itself: \(text.suffix(80))" : fatal.rawValue,
        findings, &progress, &outcome)
    }
    var description = Description(
      text: text, describer: identity,
      status: answer.finishReason == "length" ? .truncated : .complete,
      promptTokens: answer.promptTokens, completionTokens: answer.completionTokens,
      findings: findings, structured: structured)
    if question.expected != nil, answer.promptTokens == nil {
      description.uncountedAt = identity.endpoint
    }
    var success = outcome
    success.status = .succeeded
    if let passing = findings.first(where: \.mayPass) {
      let before = progress.kept?.description.findings.count ?? .max
      if findings.count <= before {
        progress.kept = KeptAnswer(
          description: description, attempt: progress.attempt, outcome: success)
      }
      let isAskedAgain = askAgain(passing, &progress)
      if isAskedAgain || findings.count > before {
        let reason = "\(isAskedAgain ? "asked again" : "worse than before"): \(passing.rawValue)"
        outcome.error = reason
        outcome.cause = .badAnswer
        return isAskedAgain ? .reworded : .failed(.unusableAnswer(reason: reason))
      }
    }
    outcome = success
    return .accepted(description)
  }

  /// An answer of which nothing is kept. The same question at temperature 0 would
  /// get the same answer, so it is asked otherwise or not again.
  private func reject(
    _ finding: AnswerFinding, _ reason: String, _ findings: [AnswerFinding],
    _ progress: inout Progress,
    _ outcome: inout AttemptOutcome
  ) -> Verdict {
    outcome.error = reason
    outcome.cause = .badAnswer
    outcome.findings = findings
    if askAgain(finding, &progress) { return .reworded }
    return .failed(.unusableAnswer(reason: reason))
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
