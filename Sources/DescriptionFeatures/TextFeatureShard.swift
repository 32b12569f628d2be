import Foundation
import Records
import Tensors
import Workspaces

/// One file of vectors with their texts. It is memory-mapped, written once and never changed.
///
/// It is a safetensors file of `embeddings` [n, dimension], `text_sha256` U8 [n, 32],
/// `text_utf8` U8 (all texts, one after the other) and `text_ends` I64 [n]. The index can be
/// checked against it, and other programs can read it.
public struct TextFeatureShard: Sendable {
  /// One row to be written.
  public struct Row: Sendable {
    public var text: String
    public var textHash: String
    public var vector: [Float]

    public init(text: String, textHash: String, vector: [Float]) {
      self.text = text
      self.textHash = textHash
      self.vector = vector
    }
  }

  /// The maximum number of rows per file: 32 MiB with vectors of 512 floats.
  public static let maximumRows = 16_384

  public let url: URL
  /// [n, dimension]
  public let vectors: MappedMatrix
  private let file: SafetensorsFile
  /// The bytes of all texts.
  private let textBytes: Int

  /// Opens a file and checks its layout, without reading the vectors.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public init(opening url: URL, dimension: Int, rows: Int? = nil) throws {
    do {
      let file = try SafetensorsFile(url: url)
      let vectors = try file.matrix("embeddings")
      guard vectors.width == dimension, vectors.rowCount == rows ?? vectors.rowCount,
        file.shape(of: "text_sha256") == [vectors.rowCount, 32],
        file.shape(of: "text_ends") == [vectors.rowCount],
        let textShape = file.shape(of: "text_utf8"), textShape.count == 1
      else {
        throw DescriptionFeatureError.damagedShard(
          path: url.path,
          finding: "it has \(vectors.rowCount) vectors of width \(vectors.width), expected "
            + "\(rows.map(String.init) ?? "any number") of width \(dimension), each with its text")
      }
      self.url = url
      self.vectors = vectors
      self.file = file
      textBytes = textShape[0]
    } catch let error as TensorError {
      throw DescriptionFeatureError.damagedShard(path: url.path, finding: "\(error)")
    }
  }

  /// The hash of each row's text, in hexadecimal.
  public func textHashes() throws -> [String] {
    let bytes = try file.bytes("text_sha256")
    return stride(from: 0, to: bytes.count, by: 32).map { start in
      bytes[start..<start + 32].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// Each row's text.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func texts() throws -> [String] { try (0..<vectors.rowCount).map { try text(at: $0) } }

  /// The text of a row; no other text is read.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func text(at row: Int) throws -> String {
    guard (0..<vectors.rowCount).contains(row) else {
      throw DescriptionFeatureError.damagedShard(
        path: url.path, finding: "it has \(vectors.rowCount) rows, but the index has row \(row)")
    }
    let first = max(row - 1, 0)
    let ends = try file.integers("text_ends", in: first..<row + 1)
    let (start, end) = (row > 0 ? ends[0] : 0, ends[row - first])
    guard 0 <= start, start <= end, end <= textBytes,
      let text = String(
        validating: try file.bytes("text_utf8", in: start..<end), as: UTF8.self)
    else {
      throw DescriptionFeatureError.damagedShard(
        path: url.path,
        finding: "bytes \(start) to \(end) of \(textBytes) are not the text of row \(row)")
    }
    return text
  }

  /// Releases the memory of everything that was read; later calls read it again.
  func release() { file.release() }

  /// Writes a file into a folder, atomically. Its name is a hash of its texts.
  ///
  /// - Returns: the file's name and the SHA-256 of its content.
  /// - Throws: `RecordError.cannotWrite`.
  static func write(_ rows: [Row], recipe: TextFeatureRecipe, to folder: URL) throws
    -> (name: String, hash: String)
  {
    var names = ContentHash()
    var hashes: [UInt8] = []
    var texts: [UInt8] = []
    var ends: [Int] = []
    for row in rows {
      names.update(row.textHash)
      hashes += bytes(ofHexadecimal: row.textHash)
      texts += Array(row.text.utf8)
      ends.append(texts.count)
    }
    let name = "\(names.finalize().prefix(16)).safetensors"
    let url = folder.appendingPathComponent(name)
    let record = String(decoding: try JSONRecord.encode(recipe, pretty: false), as: UTF8.self)
    try Safetensors.write(
      [
        .floats(
          "embeddings",
          Tensor(shape: [rows.count, recipe.encoder.dimension], scalars: rows.flatMap(\.vector)),
          as: recipe.elementType),
        .bytes("text_sha256", shape: [rows.count, 32], hashes),
        .integers("text_ends", ends),
        .bytes("text_utf8", shape: [texts.count], texts),
      ],
      metadata: ["format": "kess-text-features-\(recipe.format)", "recipe": record], to: url)
    return (name, try ContentHash.ofFile(at: url))
  }

  /// The bytes of a hash.
  static func bytes(ofHexadecimal text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { $0 < 0x60 ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

/// The mapped shards of a cache. Rows are read when they are needed, so that opening takes as
/// long for a thousand vectors as for a million.
public struct TextFeatureReader: Sendable {
  private let shards: [Int64: Result<TextFeatureShard, DescriptionFeatureError>]

  init(_ cache: TextFeatureCache) throws {
    var shards: [Int64: Result<TextFeatureShard, DescriptionFeatureError>] = [:]
    for stored in try cache.ledger.textShards(recipe: cache.recipeID) {
      guard let id = stored.id else { continue }
      do {
        shards[id] = .success(try cache.open(stored))
      } catch let error as DescriptionFeatureError {
        // The others can still be read.
        shards[id] = .failure(error)
      }
    }
    self.shards = shards
  }

  /// One vector, of length 1.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func vector(shard: Int64, row: Int) throws -> [Float] {
    let open = try self.shard(shard)
    guard (0..<open.vectors.rowCount).contains(row) else {
      throw DescriptionFeatureError.damagedShard(
        path: open.url.path,
        finding: "it has \(open.vectors.rowCount) rows, but the index has row \(row)")
    }
    return open.vectors.row(row)
  }

  /// A shard by its number in the ledger.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func shard(_ id: Int64) throws -> TextFeatureShard {
    guard let shard = shards[id] else {
      throw DescriptionFeatureError.damagedShard(
        path: "shard \(id)", finding: "another process replaced it in the meantime")
    }
    return try shard.get()
  }

  /// Releases the memory of everything that was read; later calls read it again.
  public func release() {
    for case .success(let shard) in shards.values { shard.release() }
  }

  /// The numbers of all shards.
  public var shardIDs: [Int64] { shards.keys.sorted() }
}
