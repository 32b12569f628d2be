/// A description and who wrote it.
public struct ReportDescription: Codable, Sendable, Equatable {
  public var text: String
  /// The describer, such as "Qwen/Qwen2.5-VL-7B-Instruct" or "built-in".
  public var describer: String
  public var implementation: ReportStage.Implementation?
  public var revision: String?

  public init(
    text: String, describer: String, implementation: ReportStage.Implementation? = nil,
    revision: String? = nil
  ) {
    self.text = text
    self.describer = describer
    self.implementation = implementation
    self.revision = revision
  }
}
