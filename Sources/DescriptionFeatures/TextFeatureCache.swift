import Encoders
import Foundation
import Records
import Workspaces

/// The vectors of a workspace's texts under one recipe: shard files, and their index in the
/// ledger.
///
/// New vectors are written as a new shard file, and then its index in one transaction. A crash
/// between the two leaves a file without an index, never an index without its file. A text is
/// embedded once, however many owners use it; a changed text is a new text.
public struct TextFeatureCache: Sendable {
  public let recipe: TextFeatureRecipe
  /// The recipe's short name, also that of the folder.
  public let key: String
  public let folder: URL
  /// The workspace that the cache belongs to.
  public let workspace: Workspace
  public let ledger: Ledger
  let recipeID: Int64

  /// Opens the cache of a recipe, and creates it if it does not exist.
  ///
  /// - Throws: `DescriptionFeatureError.otherRecipe` if the folder belongs to another recipe.
  public init(workspace: Workspace, ledger: Ledger, recipe: TextFeatureRecipe) throws {
    let record = String(decoding: try JSONRecord.encode(recipe, pretty: false), as: UTF8.self)
    let stored = try ledger.textRecipe(LedgerTextRecipe(key: recipe.key, record: record))
    try self.init(workspace: workspace, ledger: ledger, stored: stored)
    try checkFolder()
  }

  private init(workspace: Workspace, ledger: Ledger, stored: LedgerTextRecipe) throws {
    do {
      recipe = try JSONDecoder().decode(TextFeatureRecipe.self, from: Data(stored.record.utf8))
    } catch let error as DecodingError {
      throw DescriptionFeatureError.damagedRecipe(
        ledger: ledger.file.path, key: stored.key, finding: JSONRecord.summary(of: error))
    }
    key = stored.key
    recipeID = stored.id ?? 0
    folder = workspace.textFeaturesFolder(key: stored.key)
    self.workspace = workspace
    self.ledger = ledger
  }

  /// All caches of a workspace, oldest first.
  ///
  /// - Throws: `DescriptionFeatureError.damagedRecipe`.
  public static func all(workspace: Workspace, ledger: Ledger) throws -> [TextFeatureCache] {
    try ledger.textRecipes().map {
      try TextFeatureCache(workspace: workspace, ledger: ledger, stored: $0)
    }
  }

  /// The cache of a key.
  ///
  /// - Throws: `DescriptionFeatureError.noSuchKey`, `.damagedRecipe`.
  public static func find(key: String, workspace: Workspace, ledger: Ledger) throws
    -> TextFeatureCache
  {
    guard let stored = try ledger.textRecipe(key: key) else {
      throw DescriptionFeatureError.noSuchKey(
        workspace: workspace.root.path, key: key, present: try ledger.textRecipes().map(\.key))
    }
    return try TextFeatureCache(workspace: workspace, ledger: ledger, stored: stored)
  }

  /// The only cache with an encoder's vectors.
  ///
  /// - Throws: `DescriptionFeatureError.noFeatures`, `.severalFeatures`.
  public static func find(of encoder: any TextEncoder, workspace: Workspace, ledger: Ledger)
    throws -> TextFeatureCache
  {
    let all = try all(workspace: workspace, ledger: ledger)
    let fitting = all.filter { $0.recipe.isOf(encoder) }
    guard let only = fitting.first else {
      throw DescriptionFeatureError.noFeatures(
        workspace: workspace.root.path, encoder: encoder.identity.description,
        present: all.map { "\($0.key) (\($0.recipe.encoder))" })
    }
    guard fitting.count == 1 else {
      throw DescriptionFeatureError.severalFeatures(
        workspace: workspace.root.path, keys: fitting.map(\.key))
    }
    return only
  }

  /// The cache of a key, which must hold an encoder's vectors; without a key, the only cache
  /// that does.
  ///
  /// - Throws: `DescriptionFeatureError.otherEncoder`, and the errors of the other two.
  public static func find(
    key: String?, of encoder: any TextEncoder, workspace: Workspace, ledger: Ledger
  ) throws -> TextFeatureCache {
    guard let key else { return try find(of: encoder, workspace: workspace, ledger: ledger) }
    let cache = try find(key: key, workspace: workspace, ledger: ledger)
    guard cache.recipe.isOf(encoder) else {
      throw DescriptionFeatureError.otherEncoder(
        key: key, found: cache.recipe.encoder.description,
        expected: encoder.identity.description)
    }
    return cache
  }

  /// The ledger's figures about the cache.
  public func statistics() throws -> LedgerTextStatistics {
    try ledger.textStatistics(recipe: recipeID)
  }

  /// Maps the shards for reading.
  public func reader() throws -> TextFeatureReader { try TextFeatureReader(self) }

  /// The vectors of each owner's first text of a level, by owner, of length 1.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard` if a needed shard is damaged.
  public func vectors(level: TextLevel = .whole) throws -> [String: [Float]] {
    let reader = try reader()
    var vectors: [String: [Float]] = [:]
    try ledger.readIndexedTexts(recipe: recipeID, level: level.rawValue) { texts in
      try texts.forEachText { text in
        guard text.use.position == 0 else { return }
        vectors[text.use.ownerID] = try reader.vector(
          shard: text.vector.shardID, row: text.vector.row)
      }
    }
    return vectors
  }

  /// The vectors of texts, of length 1, whatever their owners. Texts without a vector are left
  /// out.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard` if a needed shard is damaged.
  public func vectors(of texts: [String]) throws -> [String: [Float]] {
    let hashes = Dictionary(texts.map { (Self.hash($0), $0) }) { first, _ in first }
    let known = try ledger.textVectors(recipe: recipeID, textHashes: hashes.keys)
    guard !known.isEmpty else { return [:] }
    let reader = try reader()
    return try known.reduce(into: [:]) { vectors, place in
      guard let text = hashes[place.key] else { return }
      vectors[text] = try reader.vector(shard: place.value.shardID, row: place.value.row)
    }
  }

  static func hash(_ text: String) -> String { ContentHash.of(Data(text.utf8)) }

  /// Checks or writes the recipe in the folder, which identifies it without the ledger.
  private func checkFolder() throws {
    let file = folder.appendingPathComponent("recipe.json")
    guard FileManager.default.fileExists(atPath: file.path) else {
      return try JSONRecord.write(recipe, to: file)
    }
    let found = try JSONRecord.read(TextFeatureRecipe.self, from: file)
    guard found == recipe else {
      throw DescriptionFeatureError.otherRecipe(
        path: file.path, found: found.description, expected: recipe.description)
    }
  }
}

/// The cache's files.
extension TextFeatureCache {
  /// Writes rows as a file, and then its index in one transaction of the ledger.
  ///
  /// - Parameter vectors: the index of the rows; their shard is set here.
  /// - Returns: the file's name.
  /// - Throws: `RecordError.cannotWrite`, and the ledger's errors.
  func store(_ rows: [TextFeatureShard.Row], vectors: [LedgerTextVector]) throws -> String {
    let file = try TextFeatureShard.write(rows, recipe: recipe, to: folder)
    try ledger.store(
      LedgerTextShard(
        recipeID: recipeID, name: file.name, rowCount: rows.count,
        byteCount: FileSize.bytes(at: folder.appendingPathComponent(file.name)) ?? 0,
        fileHash: file.hash), vectors: vectors)
    return file.name
  }

  /// Opens a file of the index.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  func open(_ stored: LedgerTextShard) throws -> TextFeatureShard {
    try TextFeatureShard(
      opening: url(of: stored), dimension: recipe.encoder.dimension, rows: stored.rowCount)
  }

  func url(of shard: LedgerTextShard) -> URL { folder.appendingPathComponent(shard.name) }

  /// The files of the folder that are not in the index.
  func unindexedFiles(besides stored: [LedgerTextShard]) throws -> [String] {
    let known = Set(stored.map(\.name) + ["recipe.json"])
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !known.contains($0) }.sorted()
  }
}
