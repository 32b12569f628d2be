import Foundation
import Records
import Tensors
import Workspaces

/// Writes a cache's vectors for other programs, row by row, so that memory does not grow with
/// their number.
///
/// Each file shows the state of the ledger at one moment.
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
  private let level: TextLevel

  public init(_ cache: TextFeatureCache, level: TextLevel) {
    self.cache = cache
    self.level = level
  }

  /// The number of texts.
  public func count() throws -> Int { try reading { texts, _ in try texts.count() } }

  /// Writes one matrix [n, dimension], and beside it the owners of its rows, one per line, in
  /// `<name>.owners.txt`.
  ///
  /// - Returns: n.
  public func writeMatrix(to url: URL) throws -> Int {
    try reading { texts, vectors in
      let count = try texts.count()
      try Npy.write(shape: [count, dimension], as: cache.recipe.elementType, to: url) { take in
        try texts.forEachText { try take(vectors.next($0.vector)) }
      }
      let owners = url.deletingPathExtension().appendingPathExtension("owners.txt")
      try AtomicFile.write(to: owners) { take in
        try texts.forEachText { try take(Data("\(Self.name(of: $0.use))\n".utf8)) }
      }
      return count
    }
  }

  /// Writes one `<owner>.npy` [texts, dimension] per owner, the form that most published code
  /// reads.
  ///
  /// - Returns: the total number of vectors.
  public func writeFiles(to folder: URL) throws -> Int {
    try reading { texts, vectors in
      var count = 0
      var (owner, rows): (String?, [Float]) = (nil, [])
      func write() throws {
        guard let owner else { return }
        try Npy.write(
          Tensor(shape: [rows.count / dimension, dimension], scalars: rows),
          as: cache.recipe.elementType, to: folder.appendingPathComponent("\(owner).npy"))
      }
      try texts.forEachText { text in
        if text.use.ownerID != owner {
          try write()
          (owner, rows) = (text.use.ownerID, [])
        }
        rows += try vectors.next(text.vector)
        count += 1
      }
      try write()
      return count
    }
  }

  /// Writes one safetensors file: `embeddings` [n, dimension], `text_sha256` U8 [n, 32], and
  /// the owners of the rows in the form of a shard's texts: `owner_utf8` U8, one after the
  /// other, and `owner_ends` I64 [n]. The recipe is in the metadata.
  ///
  /// - Returns: n.
  public func writeSafetensors(to url: URL) throws -> Int {
    try reading { texts, vectors in
      let count = try texts.count()
      var ownerBytes = 0
      try texts.forEachText { ownerBytes += Self.name(of: $0.use).utf8.count }
      let recipe = String(
        decoding: try JSONRecord.encode(cache.recipe, pretty: false), as: UTF8.self)
      try Safetensors.write(
        // The widest elements first, so that all are aligned.
        [
          .integers("owner_ends", count: count) { take in
            var end = 0
            try texts.forEachText {
              end += Self.name(of: $0.use).utf8.count
              try take([end])
            }
          },
          .floats("embeddings", shape: [count, dimension], as: cache.recipe.elementType) { take in
            try texts.forEachText { try take(vectors.next($0.vector)) }
          },
          .bytes("text_sha256", shape: [count, 32]) { take in
            try texts.forEachText {
              try take(TextFeatureShard.bytes(ofHexadecimal: $0.use.textHash))
            }
          },
          .bytes("owner_utf8", shape: [ownerBytes]) { take in
            try texts.forEachText { try take(Array(Self.name(of: $0.use).utf8)) }
          },
        ], metadata: ["recipe": recipe], to: url)
      return count
    }
  }

  /// Writes one JSON object per text, with the text and its vector.
  ///
  /// - Returns: the number of objects.
  public func writeLines(to url: URL) throws -> Int {
    try reading { texts, vectors in
      var count = 0
      try AtomicFile.write(to: url) { take in
        try texts.forEachText { item in
          let (use, vector) = (item.use, item.vector)
          let line = Line(
            owner: use.ownerID, level: use.level, position: use.position, label: use.label,
            text: try vectors.reader.shard(vector.shardID).text(at: vector.row),
            textHash: vector.textHash, tokens: vector.tokens, tokensRead: vector.readTokens,
            embedding: try vectors.next(vector))
          try take(JSONRecord.encode(line, pretty: false) + [0x0A])
          count += 1
        }
      }
      return count
    }
  }

  private var dimension: Int { cache.recipe.encoder.dimension }

  private func reading<Value>(_ body: (IndexedTexts, Vectors) throws -> Value) throws -> Value {
    let vectors = Vectors(reader: try cache.reader())
    return try cache.ledger.readIndexedTexts(recipe: cache.recipeID, level: level.rawValue) {
      try body($0, vectors)
    }
  }

  /// The owner's name; at levels where an owner has several texts, with the text's number.
  private static func name(of use: LedgerTextUse) -> String {
    use.level == TextLevel.whole.rawValue ? use.ownerID : "\(use.ownerID)#\(use.position)"
  }

  /// Reads vectors one after the other, and releases the mapped files' memory from time to
  /// time, because it would otherwise grow to the size of the files.
  private final class Vectors {
    static let betweenReleases = 1024
    let reader: TextFeatureReader
    private var count = 0

    init(reader: TextFeatureReader) { self.reader = reader }

    func next(_ vector: LedgerTextVector) throws -> [Float] {
      count += 1
      if count.isMultiple(of: Self.betweenReleases) { reader.release() }
      return try reader.vector(shard: vector.shardID, row: vector.row)
    }
  }
}
