import Workspaces

/// A describer's accepted answer.
public struct Description: Codable, Sendable, Equatable {
  /// Whether the answer is whole.
  public enum Status: String, Codable, Sendable {
    case complete
    /// Cut at the token limit; what there is was kept.
    case truncated
  }

  /// The sentences, without white space around them; never empty.
  public var text: String
  /// Who answered.
  public var describer: DescriberIdentity
  /// Whether it is whole.
  public var status: Status
  /// What the server counted; nil where it does not say.
  public var promptTokens: Int?
  public var completionTokens: Int?
  /// The answer as JSON, where it was asked for in a schema.
  public var structured: String?
  /// The endpoint, where it should have counted prompt tokens and did not.
  var uncountedAt: String?
  /// How many descriptions are nearly this one, where they have just become too many.
  var alarmingGroup: Int?
  /// What the answer's checks found; nothing that is fatal.
  public var findings: [AnswerFinding]

  public init(
    text: String, describer: DescriberIdentity, status: Status = .complete,
    promptTokens: Int? = nil, completionTokens: Int? = nil, findings: [AnswerFinding] = [],
    structured: String? = nil
  ) {
    self.text = text
    self.describer = describer
    self.status = status
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.findings = findings
    self.structured = structured
  }
}
