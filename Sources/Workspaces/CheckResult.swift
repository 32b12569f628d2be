/// What one part of `describe verify` came to.
public struct CheckResult: Codable, Sendable, Equatable {
  /// Something that does not agree.
  public struct Finding: Codable, Sendable, Equatable {
    /// What it is about: a video, a file and line, a table.
    public var subject: String
    public var found: String
    public var expected: String

    public init(subject: String, found: String, expected: String) {
      self.subject = subject
      self.found = found
      self.expected = expected
    }
  }

  /// What was looked at.
  public var name: String
  /// How many of it.
  public var examined: Int
  public var findings: [Finding]
  /// What is worth knowing and not wrong.
  public var notes: [String]

  public init(name: String, examined: Int = 0, findings: [Finding] = [], notes: [String] = []) {
    self.name = name
    self.examined = examined
    self.findings = findings
    self.notes = notes
  }

  /// Whether everything agrees.
  public var isClean: Bool { findings.isEmpty }

  /// Adds a finding.
  public mutating func find(_ subject: String, _ found: String, expected: String) {
    findings.append(Finding(subject: subject, found: found, expected: expected))
  }
}
