import Foundation
import Records
import Tensors
import Workspaces

/// Writes a cache's vectors for other programs.
public struct TextFeatureExport: Sendable {
  /// One line of the JSON lines.
  struct Line: Encodable {
    let owner: String
    let level: String
    let position: Int
    let label: String?
    let text: String
    let textHash: String
    let tokens: Int?
    let tokensRead: Int?
    let embedding: [Float]
  }

  private let cache: TextFeatureCache
  private let reader: TextFeatureReader
  private let placed: [(use: LedgerTextUse, vector: LedgerTextVector)]

  /// How many texts there are.
  public var count: Int { placed.count }

  public init(_ cache: TextFeatureCache, level: TextLevel) throws {
    self.cache = cache
    reader = try cache.reader()
    placed = try cache.ledger.placedTextUses(recipe: cache.recipeID, level: level.rawValue)
  }

  /// One matrix [n, dimension], and the owners of its rows, one a line, beside it
  /// in `<name>.owners.txt`.
  public func writeMatrix(to url: URL) throws {
    try Npy.write(try matrix(), as: cache.recipe.elementType, to: url)
    let owners = placed.map { name(of: $0.use) + "\n" }.joined()
    try AtomicFile.write(
      Data(owners.utf8), to: url.deletingPathExtension().appendingPathExtension("owners.txt"))
  }

  /// One `<owner>.npy` an owner, [texts, dimension], as most published code keeps them.
  public func writeFiles(to folder: URL) throws {
    for (owner, items) in Dictionary(grouping: placed, by: \.use.ownerID) {
      let rows = try items.sorted { $0.use.position < $1.use.position }.flatMap {
        try row($0.vector)
      }
      try Npy.write(
        Tensor(shape: [items.count, cache.recipe.encoder.dimension], scalars: rows),
        as: cache.recipe.elementType, to: folder.appendingPathComponent("\(owner).npy"))
    }
  }

  /// `embeddings` [n, dimension], with the recipe and the owners in the metadata.
  public func writeSafetensors(to url: URL) throws {
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try JSONRecord.encode(value, pretty: false), as: UTF8.self)
    }
    try Safetensors.write(
      [("embeddings", try matrix())], as: cache.recipe.elementType,
      metadata: [
        "recipe": json(cache.recipe), "owners": json(placed.map { name(of: $0.use) }),
        "text_sha256": json(placed.map(\.vector.textHash)),
      ], to: url)
  }

  /// One JSON object a text, with the text and its vector; written line by line.
  public func writeLines(to url: URL) throws {
    var texts: [Int64: [String]] = [:]
    try AtomicFile.write(to: url) { take in
      for (use, vector) in placed {
        if texts[vector.shardID] == nil {
          // Texts of a few shards at a time: owners lie in the order they came.
          if texts.count >= 4 { texts = [:] }
          texts[vector.shardID] = try reader.shard(vector.shardID).texts()
        }
        let line = Line(
          owner: use.ownerID, level: use.level, position: use.position, label: use.label,
          text: texts[vector.shardID]?[vector.row] ?? "", textHash: vector.textHash,
          tokens: vector.tokens, tokensRead: vector.readTokens, embedding: try row(vector))
        try take(JSONRecord.encode(line, pretty: false) + [0x0A])
      }
    }
  }

  private func matrix() throws -> Tensor<Float> {
    Tensor(
      shape: [placed.count, cache.recipe.encoder.dimension],
      scalars: try placed.flatMap { try row($0.vector) })
  }

  private func row(_ vector: LedgerTextVector) throws -> [Float] {
    try reader.vector(shard: vector.shardID, row: vector.row)
  }

  /// The owner; with the text's number where an owner has several.
  private func name(of use: LedgerTextUse) -> String {
    use.level == TextLevel.whole.rawValue ? use.ownerID : "\(use.ownerID)#\(use.position)"
  }
}
