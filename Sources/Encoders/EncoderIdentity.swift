/// Which encoder made an embedding: written into every record, compared before
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
  /// What sets the embeddings apart from the model's own: the arithmetic of the linear
  /// layers, where it is not f32 (`bf16`, `f16` or `int8`), or the form in which a
  /// server got its pictures. Nil keeps the keys and records of f32 as they were.
  public var precision: String?
  /// The server that computed, where it was not this program. No part of what is
  /// compared: the same model on another machine is the same encoder.
  public var server: RecordedOnly<String>?

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
    self.server = server.map(RecordedOnly.init)
  }

  public var description: String {
    let suffix = revision.map { "@\($0.prefix(12))" } ?? weightsHash.map { "#\($0.prefix(8))" }
    return "\(kind) \(model)\(suffix ?? "") (\(dimension)-d\(precision.map { ", \($0)" } ?? ""))"
  }
}
