import GRDB

extension Ledger {
  /// Forgets texts that are nobody's: of videos without a description, and vectors
  /// that no owner uses.
  ///
  /// - Parameter isTrial: count only, and change nothing.
  /// - Returns: how many vectors go.
  public func collectUnusedText(recipe: Int64, isTrial: Bool) throws -> Int {
    try writing { database in
      var count = 0
      try database.inSavepoint {
        try database.execute(
          sql: """
            DELETE FROM textUses WHERE recipeID = ? AND level <> 'class' AND ownerID NOT IN
              (SELECT id FROM videos WHERE descriptionKey IS NOT NULL)
            """, arguments: [recipe])
        try database.execute(
          sql: """
            DELETE FROM textVectors WHERE recipeID = ?1 AND textHash NOT IN
              (SELECT textHash FROM textUses WHERE recipeID = ?1)
            """, arguments: [recipe])
        count = database.changesCount
        return isTrial ? .rollback : .commit
      }
      return count
    }
  }

  /// Forgets a recipe without vectors.
  ///
  /// - Returns: whether it had none.
  public func forgetEmptyTextRecipe(_ id: Int64) throws -> Bool {
    try writing { database in
      let vectors = try LedgerTextVector.filter(Column("recipeID") == id).fetchCount(database)
      guard vectors == 0 else { return false }
      return try LedgerTextRecipe.deleteOne(database, key: id)
    }
  }

  /// Text uses that name a text without a vector.
  public func textUsesWithoutVector(recipe: Int64) throws -> Int {
    try reading {
      try Int.fetchOne(
        $0,
        sql: """
          SELECT COUNT(*) FROM textUses WHERE recipeID = ?1 AND textHash NOT IN
            (SELECT textHash FROM textVectors WHERE recipeID = ?1)
          """, arguments: [recipe]) ?? 0
    }
  }
}
