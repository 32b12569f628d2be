import Encoders
import Foundation
import Records
import Tensors
import Workspaces

/// The vectors of a workspace's texts under one text encoder.
///
/// Each run of `add` writes one new safetensors shard of the texts that are new
/// or changed, and then, in one transaction, the ledger's index of them: a crash
/// between the two leaves a shard that nothing points to, never an index without
/// its vectors.
public struct TextFeatureStore: Sendable {
  /// What `add` did.
  public struct Summary: Sendable, Codable, Equatable {
    public var embedded = 0
    public var kept = 0
    /// Texts over the encoder's limit, which were cut into sentence chunks.
    public var chunked = 0
    /// The most tokens of one text.
    public var longestTokens = 0
  }

  /// The encoder, its pooling and the record's format, short: the folder's name.
  public let key: String
  public let identity: EncoderIdentity
  private let workspace: Workspace
  private let ledger: Ledger
  private let folder: URL

  public init(workspace: Workspace, ledger: Ledger, identity: EncoderIdentity) throws {
    self.workspace = workspace
    self.ledger = ledger
    self.identity = identity
    key = Self.key(for: identity)
    folder = workspace.textFeaturesFolder(key: key)
    let identityFile = folder.appendingPathComponent("encoder.json")
    if FileManager.default.fileExists(atPath: identityFile.path) {
      let found = try JSONRecord.read(EncoderIdentity.self, from: identityFile)
      guard found == identity else {
        throw DescriptionFeatureError.otherEncoder(
          path: identityFile.path, found: found.description, expected: identity.description)
      }
    } else {
      try JSONRecord.write(identity, to: identityFile)
    }
  }

  /// A readable name with enough of a hash to keep encoders and poolings apart.
  public static func key(for identity: EncoderIdentity) -> String {
    var hash = ContentHash()
    for part in [
      "text-features-1", TextPooling.name, identity.kind, identity.model, identity.revision ?? "",
      identity.weightsHash ?? "", "\(identity.dimension)",
    ] + (identity.precision.map { [$0] } ?? []) {
      hash.update(part)
    }
    let name = identity.model.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
    return "\(identity.kind)-\(String(name))-\(hash.finalize().prefix(10))"
  }

  /// Encodes the texts whose owner has no vector yet, or whose text has changed.
  public func add(_ texts: [(owner: String, text: String)], encoder: any TextEncoder) throws
    -> Summary
  {
    precondition(encoder.identity == identity, "\(encoder.identity) in a store of \(identity)")
    let known = Dictionary(
      uniqueKeysWithValues: try ledger.textFeatures(key: key).map { ($0.ownerID, $0) })
    let missing = texts.filter { item in
      guard let row = known[item.owner] else { return true }
      let shard = workspace.url(ofRelativePath: row.shard)
      return row.textHash != Self.hash(item.text)
        || !FileManager.default.fileExists(atPath: shard.path)
    }
    var summary = Summary(kept: texts.count - missing.count)
    guard !missing.isEmpty else { return summary }

    let result = try TextPooling(encoder: encoder).encode(missing)
    summary.embedded = missing.count
    summary.chunked = result.chunks.count { $0 > 1 }
    summary.longestTokens = result.tokens.max() ?? 0

    let hashes = missing.map { Self.hash($0.text) }
    var content = ContentHash()
    for (item, hash) in zip(missing, hashes) {
      content.update(item.owner)
      content.update(hash)
    }
    let shard = folder.appendingPathComponent("\(content.finalize().prefix(16)).safetensors")
    try Safetensors.write(
      [("embeddings", result.vectors)],
      metadata: [
        "format": "kess-text-features-1", "encoder": identity.description,
        "pooling": TextPooling.name,
        "owners": String(
          decoding: try JSONRecord.encode(missing.map(\.owner), pretty: false), as: UTF8.self),
      ], to: shard)
    try ledger.record(
      zip(missing, hashes).enumerated().map { row, item in
        LedgerTextFeature(
          key: key, ownerID: item.0.owner, textHash: item.1,
          shard: workspace.relativePath(of: shard), row: row)
      })
    return summary
  }

  /// The vectors of all owners, unit length.
  ///
  /// - Throws: `DescriptionFeatureError.missingRow` where a shard is shorter than its index says.
  public func vectors() throws -> [String: [Float]] {
    var shards: [String: Tensor<Float>] = [:]
    var vectors: [String: [Float]] = [:]
    for feature in try ledger.textFeatures(key: key) {
      let shard: Tensor<Float>
      if let open = shards[feature.shard] {
        shard = open
      } else {
        shard = try SafetensorsFile(url: workspace.url(ofRelativePath: feature.shard))
          .tensor("embeddings")
        shards[feature.shard] = shard
      }
      guard shard.rank == 2, shard.shape[1] == identity.dimension, feature.row < shard.shape[0]
      else {
        throw DescriptionFeatureError.missingRow(
          owner: feature.ownerID, shard: feature.shard, row: feature.row,
          rows: shard.shape.first ?? 0)
      }
      vectors[feature.ownerID] = shard[row: feature.row].scalars
    }
    return vectors
  }

  private static func hash(_ text: String) -> String { ContentHash.of(Data(text.utf8)) }
}
