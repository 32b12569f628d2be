/// Identifies the encoder of an embedding: written into every record, compared before
/// embeddings are used together.
public struct EncoderIdentity: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The family: `clip`, `bert`, `builtin`, `http`.
  public var kind: String
  /// The model's name: a hub id, the folder's name, or the built-in's name and version.
  public var model: String
  /// The hub revision, where known.
  public var revision: String?
  /// SHA-256 of the weights file, where there are weights.
  public var weightsHash: String?
  /// The embedding's width.
  public var dimension: Int
  /// The difference from the model's own embeddings: the arithmetic of the linear
  /// layers, where it is not f32 (`bf16`, `f16` or `int8`), or the form in which a
  /// server received its pictures. Nil keeps the keys and records of f32 as they were.
  public var precision: String?
  /// The server that computed, where it was not this program. Not compared: the same
  /// model on another machine is the same encoder.
  public var server: Uncompared<String>?

  public init(
    kind: String, model: String, revision: String? = nil, weightsHash: String? = nil,
    dimension: Int, precision: String? = nil, server: String? = nil
  ) {
    self.kind = kind
    self.model = model
    self.revision = revision
    self.weightsHash = weightsHash
    self.dimension = dimension
    self.precision = precision
    self.server = server.map(Uncompared.init)
  }

  /// Whether both name the same encoder: equal weights where both know their hash,
  /// otherwise equal names and, where both know it, equal revisions.
  ///
  /// The precision is not compared: a rounding of one percent does not make another
  /// encoder. `==` does compare it, for keys of stored embeddings.
  public func isSameEncoder(as other: EncoderIdentity) -> Bool {
    guard kind == other.kind, dimension == other.dimension else { return false }
    if let weightsHash, let otherHash = other.weightsHash { return weightsHash == otherHash }
    if let revision, let otherRevision = other.revision, revision != otherRevision { return false }
    return model == other.model
  }

  public var description: String {
    let precision = precision.map { ", \($0)" } ?? ""
    return "\(nameWithVersion) (\(dimension)-d\(precision))"
  }

  /// Kind, model and the beginning of the revision, or of the weights' hash where there
  /// is no revision: `clip openai/clip-vit-base-patch16@57c2164`.
  public var nameWithVersion: String {
    let suffix = revision.map { "@\($0.prefix(12))" } ?? weightsHash.map { "#\($0.prefix(8))" }
    return "\(kind) \(model)\(suffix ?? "")"
  }
}

/// A value that is stored but ignored by `==` and `hash`. Its JSON is the value's own.
public struct Uncompared<Value: Codable & Sendable>: Codable, Sendable, Hashable {
  public var value: Value

  public init(_ value: Value) {
    self.value = value
  }

  public init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  public static func == (left: Uncompared, right: Uncompared) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
