import Foundation
import Records
import Workspaces

/// Vectors and uses that wait for a file of their own.
struct PendingShard {
  let cache: TextFeatureCache
  let longestWaitSeconds: Double
  /// Whose texts they are: recorded together with the vectors.
  var uses: [LedgerTextUse] = []
  /// What the file will hold, by text hash; the shard's number is not known yet.
  private(set) var vectors: [String: LedgerTextVector] = [:]
  private var rows: [TextFeatureShard.Row] = []
  private var begun = ContinuousClock.now

  init(cache: TextFeatureCache, longestWaitSeconds: Double) {
    self.cache = cache
    self.longestWaitSeconds = longestWaitSeconds
  }

  /// Adds a row; a full file is written at once.
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

  /// Writes where the file is full or has waited long; asked between groups, so
  /// that an owner's uses are recorded together.
  mutating func commitIfFull() throws {
    if rows.isEmpty || rows.count >= TextFeatureShard.maximumRows
      || (ContinuousClock.now - begun) / .seconds(1) >= longestWaitSeconds
    {
      try commit()
    }
  }

  /// Writes the file, then its index, then whose texts they are.
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
