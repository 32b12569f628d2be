import GRDB

/// Where one text's vector is, and how much of the text the encoder read.
public struct LedgerTextVector: Codable, Sendable, Equatable {
  public var recipeID: Int64
  /// SHA-256 of the text, in hexadecimal.
  public var textHash: String
  public var shardID: Int64
  public var row: Int
  /// The text's tokens before any cut; nil where the encoder cannot count them.
  public var tokens: Int?
  /// The tokens that the encoder read, over all pieces.
  public var readTokens: Int?
  /// In how many pieces the text was encoded.
  public var pieces: Int

  public init(
    recipeID: Int64, textHash: String, shardID: Int64, row: Int, tokens: Int?, readTokens: Int?,
    pieces: Int
  ) {
    self.recipeID = recipeID
    self.textHash = textHash
    self.shardID = shardID
    self.row = row
    self.tokens = tokens
    self.readTokens = readTokens
    self.pieces = pieces
  }
}

extension LedgerTextVector: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "textVectors"
}
