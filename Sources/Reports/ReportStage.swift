/// What one stage of the pipeline used and how much it did.
public struct ReportStage: Codable, Sendable, Equatable {
  /// Whether a stage used a learned model or server, or its built-in stand-in.
  public enum Implementation: String, Codable, Sendable {
    case real
    case builtIn = "builtin"
  }

  /// The stage's name in the pipeline, such as "describe".
  public var stage: String
  /// Real or built-in; nil for a stage that has only one implementation.
  public var implementation: Implementation?
  /// What was used, in words, such as "CLIP ViT-B/16 image encoder".
  public var used: String
  /// The model's id, such as "openai/clip-vit-base-patch16".
  public var model: String?
  public var revision: String?
  /// The cache key or run id under which the stage's output lies.
  public var key: String?
  /// How many things the stage handled, and what they are, such as "80 videos".
  public var items: Int?
  public var itemName: String?
  /// Things that failed in this stage.
  public var failed: Int?
  public var seconds: Double?

  public init(
    stage: String, implementation: Implementation? = nil, used: String, model: String? = nil,
    revision: String? = nil, key: String? = nil, items: Int? = nil, itemName: String? = nil,
    failed: Int? = nil, seconds: Double? = nil
  ) {
    self.stage = stage
    self.implementation = implementation
    self.used = used
    self.model = model
    self.revision = revision
    self.key = key
    self.items = items
    self.itemName = itemName
    self.failed = failed
    self.seconds = seconds
  }
}
