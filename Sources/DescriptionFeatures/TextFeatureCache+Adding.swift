import Encoders
import Foundation
import Records
import Workspaces

extension TextFeatureCache {
  /// The results of `add`.
  public struct Summary: Codable, Sendable, Equatable {
    /// Texts that were embedded now.
    public var embedded = 0
    /// Texts that already had a vector.
    public var kept = 0
    /// Texts over the encoder's limit, of all that have a vector now.
    public var overLimit = 0
    /// Texts that were cut at the limit (`--long truncate`).
    public var truncated = 0
    /// Texts whose tokens were counted; the sums of their tokens follow.
    public var counted = 0
    public var tokensBefore = 0
    public var tokensRead = 0
    public var longestTokens = 0
    /// Damaged files, whose texts were embedded again.
    public var damagedShards: [String] = []
    /// The texts that could not be embedded, with the reasons.
    public var failures: [String] = []
    /// Whether `add` was stopped before the end.
    public var wasStopped = false

    mutating func count(_ vector: LedgerTextVector) {
      if vector.pieces > 1 { overLimit += 1 }
      guard let tokens = vector.tokens, let read = vector.readTokens else { return }
      if read < tokens {
        overLimit += 1
        truncated += 1
      }
      counted += 1
      tokensBefore += tokens
      tokensRead += read
      longestTokens = max(longestTokens, tokens)
    }
  }

  /// The options of `add`.
  public struct AddingOptions: Sendable {
    /// Whether the pieces of texts over the limit get vectors of their own.
    public var keepsPieces = false
    /// The maximum number of texts that are looked up and encoded together.
    public var textsAtOnce = 1024
    /// The maximum time until finished vectors are written to a file.
    public var longestWaitSeconds = 60.0
    /// Whether to stop. It is asked between groups; finished groups are kept.
    public var shouldStop: @Sendable () -> Bool = { false }
    /// Called after each group with its number of owners.
    public var onProgress: @Sendable (Int) -> Void = { _ in }

    public init() {}
  }

  /// Embeds the texts that have no vector yet, and records the owners of all texts.
  ///
  /// A text that cannot be embedded is reported and does not stop the others. Memory holds
  /// `textsAtOnce` texts and one shard, whatever the number of texts.
  ///
  /// - Precondition: the encoder is the recipe's.
  /// - Throws: the errors of the encoder and the ledger; written files stay.
  public func add(
    _ owned: [TextsToEmbed], encoder: any TextEncoder, options: AddingOptions = AddingOptions()
  ) throws -> Summary {
    precondition(recipe.isOf(encoder), "the encoder \(encoder.identity) is not that of \(recipe)")
    var summary = Summary(damagedShards: try forgetDamagedShards())
    let pooling = TextPooling(encoder: encoder, rule: recipe.longText, prefix: recipe.prefix)
    var pending = PendingShard(cache: self, longestWaitSeconds: options.longestWaitSeconds)
    var size = min(options.textsAtOnce, Self.fewestTextsAtOnce)
    var start = owned.startIndex
    while start < owned.endIndex {
      if options.shouldStop() {
        summary.wasStopped = true
        break
      }
      let group = group(of: owned, from: start, texts: size)
      let begun = ContinuousClock.now
      do {
        try add(group, pooling: pooling, options: options, to: &pending, &summary)
      } catch {
        // If a server is lost, the finished vectors are still written.
        try? pending.commit()
        throw error
      }
      options.onProgress(group.count)
      start = group.endIndex
      // An interrupted group is lost, so groups grow only if they are quick.
      let isQuick = (ContinuousClock.now - begun) / .seconds(1) < Self.groupSeconds
      size = min(options.textsAtOnce, isQuick ? 2 * size : max(size / 2, Self.fewestTextsAtOnce))
    }
    try pending.commit()
    return summary
  }

  private func add(
    _ group: ArraySlice<TextsToEmbed>, pooling: TextPooling, options: AddingOptions,
    to pending: inout PendingShard, _ summary: inout Summary
  ) throws {
    let texts = group.flatMap { owned in owned.items.map { (owned.owner, $0, Self.hash($0.text)) } }
    var known = try ledger.textVectors(recipe: recipeID, textHashes: texts.map(\.2))
    for (hash, vector) in pending.vectors where known[hash] == nil { known[hash] = vector }
    // If pieces are wanted now and were not kept before, their texts are cut again.
    var asked: Set<String> = []
    let missing = texts.filter { text in
      (known[text.2] == nil || (options.keepsPieces && (known[text.2]?.pieces ?? 1) > 1))
        && asked.insert(text.2).inserted
    }
    let results = try pooling.encode(missing.map { (owner: $0.0, text: $0.1.text) })
    var pooled: [String: TextPooling.Pooled] = [:]
    let before = summary.embedded + summary.failures.count
    if options.keepsPieces {
      let pieces = results.flatMap { (try? $0.get().pieces) ?? [] }
      let found = try ledger.textVectors(
        recipe: recipeID, textHashes: Set(pieces.map { Self.hash($0.text) }))
      known.merge(found) { known, _ in known }
    }
    for (text, result) in zip(missing, results) {
      switch result {
      case .success(let value):
        pooled[text.2] = value
        if known[text.2] == nil {
          known[text.2] = try pending.append(text.1.text, hash: text.2, value)
          summary.embedded += 1
        }
        guard options.keepsPieces, value.pieces.count > 1 else { continue }
        for piece in value.pieces {
          let hash = Self.hash(piece.text)
          guard known[hash] == nil, pending.vectors[hash] == nil else { continue }
          known[hash] = try pending.append(
            piece.text, hash: hash,
            TextPooling.Pooled(
              vector: piece.vector, tokens: piece.tokens, tokensRead: piece.tokens, pieces: [piece])
          )
        }
      case .failure(let error): summary.failures.append(error.description)
      }
    }
    let hashes = Set(texts.map(\.2))
    summary.kept += hashes.count - (summary.embedded + summary.failures.count - before)
    for hash in hashes {
      if let vector = known[hash] { summary.count(vector) }
    }
    for owned in group {
      pending.uses += uses(of: owned, known: known, pooled: pooled, options: options)
    }
    try pending.commitIfFull()
  }

  private func uses(
    of owned: TextsToEmbed, known: [String: LedgerTextVector],
    pooled: [String: TextPooling.Pooled], options: AddingOptions
  ) -> [LedgerTextUse] {
    var positions: [TextLevel: Int] = [:]
    func use(_ level: TextLevel, _ label: String?, _ hash: String) -> LedgerTextUse {
      let position = positions[level, default: 0]
      positions[level] = position + 1
      return LedgerTextUse(
        recipeID: recipeID, level: level.rawValue, ownerID: owned.owner, position: position,
        label: label, textHash: hash)
    }
    var uses: [LedgerTextUse] = []
    for item in owned.items {
      let hash = Self.hash(item.text)
      guard known[hash] != nil else { continue }
      uses.append(use(item.level, item.label, hash))
      if options.keepsPieces, item.level == .whole, let value = pooled[hash], value.pieces.count > 1
      {
        uses += value.pieces.map { use(.piece, nil, Self.hash($0.text)) }
      }
    }
    return uses
  }

  private static let fewestTextsAtOnce = 64
  /// The approximate time for a group, short enough that stopping a run loses little.
  private static let groupSeconds = 5.0

  /// The owners from `start` on that together have this many texts.
  private func group(of owned: [TextsToEmbed], from start: Int, texts: Int)
    -> ArraySlice<TextsToEmbed>
  {
    var count = 0
    let last = owned[start...].firstIndex {
      count += $0.items.count
      return count >= texts
    }
    return owned[start...(last ?? owned.endIndex - 1)]
  }

  /// Removes missing and damaged shards from the index, so that their texts are embedded again.
  ///
  /// - Returns: the names of their files.
  private func forgetDamagedShards() throws -> [String] {
    try ledger.textShards(recipe: recipeID).compactMap { stored in
      do {
        _ = try TextFeatureShard(
          opening: url(of: stored), dimension: recipe.encoder.dimension, rows: stored.rowCount)
        return nil
      } catch is DescriptionFeatureError {
        if let id = stored.id { try ledger.forgetTextShard(id) }
        return stored.name
      }
    }
  }
}

/// Finished vectors, and the uses of their texts, that are not written yet.
struct PendingShard {
  let cache: TextFeatureCache
  let longestWaitSeconds: Double
  /// The owners of the texts, recorded after the vectors.
  var uses: [LedgerTextUse] = []
  /// The rows of the next file, by text hash; their shard's number is not known yet.
  private(set) var vectors: [String: LedgerTextVector] = [:]
  private var rows: [TextFeatureShard.Row] = []
  private var begun = ContinuousClock.now

  init(cache: TextFeatureCache, longestWaitSeconds: Double) {
    self.cache = cache
    self.longestWaitSeconds = longestWaitSeconds
  }

  /// Adds a row. A full file is written at once.
  mutating func append(_ text: String, hash: String, _ pooled: TextPooling.Pooled) throws
    -> LedgerTextVector
  {
    if rows.count >= TextFeatureShard.maximumRows { try writeRows() }
    if rows.isEmpty { begun = .now }
    let vector = LedgerTextVector(
      recipeID: cache.recipeID, textHash: hash, shardID: 0, row: rows.count,
      tokens: pooled.tokens, readTokens: pooled.tokensRead, pieces: pooled.pieces.count)
    rows.append(TextFeatureShard.Row(text: text, textHash: hash, vector: pooled.vector))
    vectors[hash] = vector
    return vector
  }

  /// Writes the file if it is full or has waited long. It is called between groups, so that an
  /// owner's uses are recorded together.
  mutating func commitIfFull() throws {
    if rows.isEmpty || rows.count >= TextFeatureShard.maximumRows
      || (ContinuousClock.now - begun) / .seconds(1) >= longestWaitSeconds
    {
      try commit()
    }
  }

  /// Writes the file, then its index, then the owners of the texts.
  mutating func commit() throws {
    try writeRows()
    guard !uses.isEmpty else { return }
    try cache.ledger.replaceTextUses(uses)
    uses = []
  }

  private mutating func writeRows() throws {
    guard !rows.isEmpty else { return }
    _ = try cache.store(rows, vectors: vectors.values.sorted { $0.row < $1.row })
    rows = []
    vectors = [:]
  }
}
