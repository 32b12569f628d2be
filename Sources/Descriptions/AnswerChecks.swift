import Foundation
import Records
import Workspaces

/// What is looked for in every answer.
public struct AnswerChecks: Sendable {
  /// How answers begin that decline.
  public var refusals: [String]
  public var script: WritingScript
  /// Whether an answer with a finding is asked for again in another way.
  public var isStrict: Bool

  /// How often a strict run asks again.
  static let variations = 2

  public init(
    refusals: [String] = [], script: WritingScript = .latin, isStrict: Bool = false
  ) {
    self.refusals = refusals
    self.script = script
    self.isStrict = isStrict
  }

  /// The refusals of `Prompts/refusals.txt`.
  ///
  /// - Throws: `RecordError.cannotRead`.
  public static func refusals(from resources: ResourceFolders) throws -> [String] {
    let file = resources.prompts.appendingPathComponent("refusals.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw RecordError.cannotRead(path: file.path, reason: "no such file, or not readable")
    }
    return text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  /// What an answer's words show, the worst first.
  func findings(_ text: String, finishReason: String?, declined: Bool, leaks: LabelGuard)
    -> [AnswerFinding]
  {
    if declined || finishReason == "content_filter" || begins(text) { return [.refused] }
    if text.isEmpty { return [.empty] }
    var found: [AnswerFinding] = []
    if TextRepetition.isRepeating(text) { found.append(.repeating) }
    if finishReason == "length" { found.append(.truncated) }
    if !script.holds(text) { found.append(.wrongScript) }
    if leaks.leak(inAnswer: text) != nil { found.append(.namesFile) }
    return found
  }

  private func begins(_ text: String) -> Bool {
    let start = text.prefix(60).lowercased().replacingOccurrences(of: "\u{2019}", with: "'")
    return refusals.contains { start.hasPrefix($0.lowercased()) }
  }
}

extension AnswerFinding {
  /// Whether another answer to the same question may be without it.
  var mayPass: Bool {
    switch self {
    case .empty, .refused, .repeating, .notSchema, .truncated, .wrongScript, .namesFile: true
    case .imageTokens, .nearDuplicate, .unlikeFrames: false
    }
  }
}
