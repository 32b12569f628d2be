import GRDB

extension Ledger {
  /// Stores where vectors are, in one transaction; an owner's earlier row under
  /// the same key is replaced.
  public func record(_ features: [LedgerTextFeature]) throws {
    try writing { database in
      for feature in features { try feature.upsert(database) }
    }
  }

  /// All vectors of one text encoder, by owner.
  public func textFeatures(key: String) throws -> [LedgerTextFeature] {
    try reading {
      try LedgerTextFeature.filter(Column("key") == key).order(Column("ownerID")).fetchAll($0)
    }
  }
}
