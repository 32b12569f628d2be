/// Which encoder made the vectors a model was trained on: a copy of the encoder's
/// identity that this room can compare and print.
public struct ProvenanceLabel: Codable, Sendable, Equatable, CustomStringConvertible {
  /// The family: `clip`, `bert`, `builtin`, `http`.
  public var kind: String
  /// The model's name.
  public var model: String
  public var revision: String?
  /// SHA-256 of the weights file.
  public var weightsHash: String?
  /// The vectors' width.
  public var dimension: Int
  /// The arithmetic, where it is not f32. Told, not compared: a rounding of one
  /// percent does not make another encoder.
  public var precision: String?

  public init(
    kind: String, model: String, revision: String? = nil, weightsHash: String? = nil,
    dimension: Int, precision: String? = nil
  ) {
    self.kind = kind
    self.model = model
    self.revision = revision
    self.weightsHash = weightsHash
    self.dimension = dimension
    self.precision = precision
  }

  /// Whether both name the same encoder: equal weights where both know their
  /// hash, else equal name and, where both know it, revision.
  public func isSameEncoder(as other: ProvenanceLabel) -> Bool {
    guard kind == other.kind, dimension == other.dimension else { return false }
    if let weightsHash, let otherHash = other.weightsHash { return weightsHash == otherHash }
    if let revision, let otherRevision = other.revision, revision != otherRevision { return false }
    return model == other.model
  }

  public var description: String {
    let suffix = revision.map { "@\($0.prefix(12))" } ?? weightsHash.map { "#\($0.prefix(8))" }
    return "\(kind) \(model)\(suffix ?? "") (\(dimension)-d\(precision.map { ", \($0)" } ?? ""))"
  }
}
