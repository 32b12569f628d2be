import Foundation
import Testing
import Workspaces

@Suite struct TextVectorTests {
  private let fixture: LedgerFixture
  private var ledger: Ledger { fixture.ledger }
  private let recipe: Int64

  init() throws {
    fixture = try LedgerFixture()
    let stored = try fixture.ledger.textRecipe(LedgerTextRecipe(key: "k", record: "{}"))
    recipe = try #require(stored.id)
  }

  private func vector(_ hash: String, row: Int, tokens: Int = 5, read: Int = 5, pieces: Int = 1)
    -> LedgerTextVector
  {
    LedgerTextVector(
      recipeID: recipe, textHash: hash, shardID: 0, row: row, tokens: tokens, readTokens: read,
      pieces: pieces)
  }

  private func use(_ owner: String, _ hash: String, level: String = "whole", position: Int = 0)
    -> LedgerTextUse
  {
    LedgerTextUse(
      recipeID: recipe, level: level, ownerID: owner, position: position, textHash: hash)
  }

  private func store(_ name: String, _ vectors: [LedgerTextVector]) throws -> Int64 {
    try ledger.store(
      LedgerTextShard(
        recipeID: recipe, name: name, rowCount: vectors.count, byteCount: 10, fileHash: "f"),
      vectors: vectors)
    return try #require(try ledger.textShards(recipe: recipe).first { $0.name == name }?.id)
  }

  private func placed(_ level: String) throws -> [IndexedText] {
    try ledger.readIndexedTexts(recipe: recipe, level: level) { texts in
      var placed: [IndexedText] = []
      try texts.forEachText { placed.append($0) }
      #expect(try texts.count() == placed.count)
      return placed
    }
  }

  @Test("what is read of placed texts is of one moment, whatever is stored meanwhile")
  func placedTextsAreOfOneMoment() throws {
    _ = try store("1", [vector("a", row: 0), vector("b", row: 1)])
    try ledger.replaceTextUses([use("v", "a"), use("w", "b")])
    try ledger.readIndexedTexts(recipe: recipe, level: "whole") { texts in
      #expect(try texts.count() == 2)
      try ledger.replaceTextUses([use("x", "a")])
      var owners: [String] = []
      try texts.forEachText { owners.append($0.use.ownerID) }
      #expect(owners == ["v", "w"])
    }
    #expect(try placed("whole").map(\.use.ownerID) == ["v", "w", "x"])
  }

  @Test("a recipe of one key is stored once")
  func recipesAreStoredOnce() throws {
    #expect(try ledger.textRecipe(LedgerTextRecipe(key: "k", record: "other")).record == "{}")
    #expect(try ledger.textRecipes().map(\.key) == ["k"])
  }

  @Test("vectors are found by text; a text stored again has its new place")
  func vectorsAreFound() throws {
    let first = try store("1", [vector("a", row: 0), vector("b", row: 1)])
    let second = try store("2", [vector("b", row: 0)])
    let found = try ledger.textVectors(recipe: recipe, textHashes: ["a", "b", "c"])
    #expect(found.mapValues(\.shardID) == ["a": first, "b": second])
    #expect(try ledger.textVectors(shard: first).map(\.textHash) == ["a"])
  }

  @Test("a forgotten shard takes its own vectors with it and no others")
  func aForgottenShard() throws {
    let first = try store("1", [vector("a", row: 0)])
    _ = try store("2", [vector("b", row: 0)])
    try ledger.forgetTextShard(first)
    #expect(try ledger.textVectors(recipe: recipe, textHashes: ["a", "b"]).keys.sorted() == ["b"])
  }

  @Test("an owner's shorter list of texts replaces the longer one; other levels stay")
  func usesAreReplaced() throws {
    _ = try store("1", ["a", "b", "c"].enumerated().map { vector($1, row: $0) })
    try ledger.replaceTextUses([
      use("v", "a", level: "sentence"), use("v", "b", level: "sentence", position: 1),
      use("v", "c"), use("w", "a", level: "sentence"),
    ])
    try ledger.replaceTextUses([use("v", "b", level: "sentence")])
    #expect(
      try placed("sentence").map { [$0.use.ownerID, $0.use.textHash] }
        == [["v", "b"], ["w", "a"]])
    #expect(try placed("whole").map(\.vector.textHash) == ["c"])
  }

  @Test("statistics count whole descriptions over the limit and cut short")
  func statistics() throws {
    _ = try store(
      "1",
      [
        vector("a", row: 0), vector("b", row: 1, tokens: 200, read: 200, pieces: 3),
        vector("c", row: 2, tokens: 100, read: 77), vector("d", row: 3),
      ])
    try ledger.replaceTextUses([use("v", "a"), use("w", "b"), use("x", "c"), use("y", "a")])
    let found = try ledger.textStatistics(recipe: recipe)
    #expect(found.vectors == 4 && found.unused == 1 && found.descriptions == 4)
    #expect(found.overLimit == 2 && found.truncated == 1)
    #expect(found.tokensBefore == 310 && found.tokensRead == 287 && found.longestTokens == 200)
  }

  @Test("what is collected is what nobody uses, and a trial changes nothing")
  func collection() throws {
    _ = try store("1", ["a", "b", "c"].enumerated().map { vector($1, row: $0) })
    try ledger.register([LedgerFixture.video("v"), LedgerFixture.video("w")])
    try fixture.answer("v", request: "r", intent: "i", text: "t")
    try ledger.replaceTextUses([use("v", "a"), use("w", "b"), use("Fight", "c", level: "class")])
    #expect(try ledger.collectUnusedText(recipe: recipe, isTrial: true) == 1)
    #expect(try ledger.textStatistics(recipe: recipe).vectors == 3)
    #expect(try ledger.collectUnusedText(recipe: recipe, isTrial: false) == 1)
    #expect(
      try ledger.textVectors(recipe: recipe, textHashes: ["a", "b", "c"]).keys.sorted()
        == ["a", "c"])
    #expect(try ledger.forgetEmptyTextRecipe(recipe) == false)
  }
}
