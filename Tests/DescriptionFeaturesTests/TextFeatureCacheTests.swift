import DescriptionFeatures
import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Workspaces

@Suite struct TextFeatureCacheTests {
  private let fixture: CacheFixture
  private let encoder = WordEncoder(limit: 8)

  init() throws { fixture = try CacheFixture() }

  private static let texts = [
    ("a", "A man runs."), ("b", "A dog barks. A man shouts at it for a while."),
    ("c", "Smoke rises."), ("d", "A man runs."),
  ]

  @Test("each text is embedded once, however many owners use it, and a rerun embeds nothing")
  func eachTextOnce() throws {
    let cache = try fixture.cache(encoder)
    let owned = CacheFixture.whole(Self.texts)
    let first = try cache.add(owned, encoder: encoder)
    #expect(first.embedded == 3 && first.kept == 0 && first.failures.isEmpty)
    #expect(first.overLimit == 1 && first.truncated == 0 && first.longestTokens == 13)
    encoder.seen.withLock { $0 = [] }
    let second = try cache.add(owned, encoder: encoder)
    #expect(second.embedded == 0 && second.kept == 3)
    #expect(encoder.seen.withLock { $0 }.isEmpty)
    let vectors = try cache.vectors()
    #expect(vectors.keys.sorted() == ["a", "b", "c", "d"])
    #expect(vectors["a"] == vectors["d"])
    let expected = try TextPooling(encoder: encoder).vector(of: Self.texts[1].1, owner: "b")
    #expect(vectors["b"] == expected)
  }

  @Test("only a changed description is embedded again, and it no longer uses the old vector")
  func aChangedDescription() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    encoder.seen.withLock { $0 = [] }
    var changed = Self.texts
    changed[2].1 = "Fire breaks out."
    let summary = try cache.add(CacheFixture.whole(changed), encoder: encoder)
    #expect(summary.embedded == 1)
    #expect(encoder.seen.withLock { $0 } == ["Fire breaks out."])
    let found = try #require(try cache.vectors()["c"])
    #expect(found == (try TextPooling(encoder: encoder).vector(of: "Fire breaks out.", owner: "")))
    #expect(try cache.statistics().unused == 1)
  }

  @Test("another rule, prefix, element type, model or limit is another cache")
  func recipesAreKeptApart() throws {
    var keys: Set<String> = []
    for recipe in [
      TextFeatureRecipe(encoder: encoder), TextFeatureRecipe(encoder: encoder, longText: .windows),
      TextFeatureRecipe(encoder: encoder, elementType: .float16),
      TextFeatureRecipe(encoder: encoder, prefix: "query: "),
      TextFeatureRecipe(encoder: WordEncoder(limit: 9)),
      TextFeatureRecipe(encoder: WordEncoder(limit: 8, model: "other")),
      TextFeatureRecipe(encoder: WordEncoder(limit: 8, dimension: 9)),
    ] {
      #expect(keys.insert(recipe.key).inserted, "\(recipe)")
    }
  }

  @Test("the cache of another model is not used")
  func anotherModel() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    let other = WordEncoder(limit: 8, model: "other")
    let missing = #expect(throws: DescriptionFeatureError.self) {
      try TextFeatureCache.find(of: other, workspace: fixture.workspace, ledger: fixture.ledger)
    }
    #expect(missing?.description.contains("no text features of test other") == true)
    #expect(missing?.description.contains(cache.key) == true)
    // A folder into which another model's vectors were copied.
    try JSONRecord.write(
      TextFeatureRecipe(encoder: other), to: cache.folder.appendingPathComponent("recipe.json"))
    let error = #expect(throws: DescriptionFeatureError.self) { try fixture.cache(encoder) }
    #expect(error?.description.contains("made by test other") == true)
  }

  @Test("with two caches of one encoder, a key is needed")
  func severalCaches() throws {
    let whole = CacheFixture.whole(Self.texts)
    let first = try fixture.cache(encoder)
    _ = try first.add(whole, encoder: encoder)
    _ = try fixture.cache(encoder, long: .truncate).add(whole, encoder: encoder)
    let error = #expect(throws: DescriptionFeatureError.self) {
      try TextFeatureCache.find(of: encoder, workspace: fixture.workspace, ledger: fixture.ledger)
    }
    #expect(error?.description.contains("--text-features") == true)
    let found = try TextFeatureCache.find(
      key: first.key, workspace: fixture.workspace, ledger: fixture.ledger)
    #expect(found.recipe == first.recipe)
  }

  @Test("empty texts and texts with bad vectors are reported, and the others are embedded")
  func badTextsStayAlone() throws {
    let encoder = WordEncoder(poison: "bad")
    let cache = try fixture.cache(encoder)
    let summary = try cache.add(
      CacheFixture.whole(Self.texts + [("e", "  "), ("f", "a bad one")]), encoder: encoder)
    #expect(summary.embedded == 3)
    #expect(summary.failures.count == 2)
    #expect(summary.failures[0].hasPrefix("e: the text is empty"))
    #expect(summary.failures[1].hasPrefix("f: test words"))
    #expect(try cache.vectors().keys.sorted() == ["a", "b", "c", "d"])
  }

  @Test("only the texts of a damaged or missing shard are embedded again")
  func aTornShard() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    let first = try #require(try fixture.shards(cache).first)
    _ = try cache.add(CacheFixture.whole([("x", "Another day.")]), encoder: encoder)
    let whole = try Data(contentsOf: first)
    try whole.prefix(whole.count - 5).write(to: first)

    let error = #expect(throws: DescriptionFeatureError.self) { try cache.vectors() }
    #expect(error?.description.contains("run embed again") == true)
    let faults = try TextFeatureCheck(cache).run().faults
    #expect(faults.count == 1 && faults[0].contains(first.lastPathComponent))

    let summary = try cache.add(
      CacheFixture.whole(Self.texts + [("x", "Another day.")]), encoder: encoder)
    #expect(summary.damagedShards == [first.lastPathComponent])
    #expect(summary.embedded == 3 && summary.kept == 1)
    #expect(try cache.vectors().count == 5)
    try FileManager.default.removeItem(at: try fixture.shards(cache)[0])
    #expect(
      try cache.add(CacheFixture.whole(Self.texts), encoder: encoder).damagedShards.count == 1)
  }

  @Test("when a server goes away, finished vectors are kept")
  func aServerThatGoesAway() throws {
    let encoder = WordEncoder(end: "3")
    let cache = try fixture.cache(encoder)
    var options = TextFeatureCache.AddingOptions()
    options.textsAtOnce = 1
    #expect(throws: WordEncoder.Gone.self) {
      try cache.add(
        CacheFixture.whole((0..<6).map { ("v\($0)", "text \($0)") }), encoder: encoder,
        options: options)
    }
    #expect(try cache.vectors().keys.sorted() == ["v0", "v1", "v2"])
  }

  @Test("a stopped run keeps finished vectors")
  func aStoppedRun() throws {
    let cache = try fixture.cache(encoder)
    var options = TextFeatureCache.AddingOptions()
    options.textsAtOnce = 2
    options.shouldStop = { [encoder] in encoder.seen.withLock { $0.count >= 2 } }
    let summary = try cache.add(
      CacheFixture.whole((0..<9).map { ("v\($0)", "text \($0)") }), encoder: encoder,
      options: options)
    #expect(summary.wasStopped && summary.embedded == 2)
    #expect(try cache.vectors().keys.sorted() == ["v0", "v1"])
  }

  @Test("a file whose index was never written is not read, and is removed")
  func aCrashBeforeTheIndex() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    let stranger = cache.folder.appendingPathComponent("0123456789abcdef.safetensors")
    try FileManager.default.copyItem(at: try fixture.shards(cache)[0], to: stranger)
    #expect(try cache.vectors().count == 4)
    #expect(try TextFeatureCheck(cache).run().strangers == [stranger.lastPathComponent])
    let later = Date().addingTimeInterval(TextFeatureCleanup.strangerSeconds + 10)
    try describeAll(Self.texts)
    #expect(try TextFeatureCleanup(cache).run().files.isEmpty)
    #expect(
      try TextFeatureCleanup(cache).run(now: later).files == [stranger.lastPathComponent])
    #expect(try cache.vectors().count == 4)
  }

  @Test("cleanup removes unused vectors, merges files and changes no other vector")
  func collection() throws {
    let cache = try fixture.cache(encoder)
    for text in Self.texts { _ = try cache.add(CacheFixture.whole([text]), encoder: encoder) }
    _ = try cache.add(CacheFixture.whole([("c", "Fire breaks out.")]), encoder: encoder)
    try describeAll(Self.texts.filter { $0.0 != "b" })
    let before = try cache.vectors()
    #expect(try fixture.shards(cache).count == 4)
    let trial = try TextFeatureCleanup(cache, isTrial: true).run()
    #expect(trial.vectors == 2)
    #expect(try fixture.shards(cache).count == 4)
    let report = try TextFeatureCleanup(cache).run()
    #expect(report.vectors == 2 && report.files.count == 4 && !report.isRemoved)
    #expect(try fixture.shards(cache).count == 1)
    #expect(try TextFeatureCheck(cache).run().faults.isEmpty)
    #expect(try cache.vectors() == before.filter { $0.key != "b" })
    #expect(try TextFeatureCleanup(cache).run().files.isEmpty)
  }

  @Test("a changed byte anywhere in a shard is a fault", arguments: [9, 400, 700, -1, -40])
  func aChangedByte(place: Int) throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    #expect(try TextFeatureCheck(cache).run().faults.isEmpty)
    let shard = try fixture.shards(cache)[0]
    var data = try Data(contentsOf: shard)
    data[place >= 0 ? place : data.count + place] ^= 0x40
    try data.write(to: shard)
    #expect(try TextFeatureCheck(cache).run().faults.count == 1)
  }

  @Test("pieces are kept on request, also for texts that already have a vector")
  func pieces() throws {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(CacheFixture.whole(Self.texts), encoder: encoder)
    var options = TextFeatureCache.AddingOptions()
    options.keepsPieces = true
    let summary = try cache.add(
      CacheFixture.whole(Self.texts), encoder: encoder, options: options)
    #expect(summary.embedded == 0)
    let export = fixture.folder.file("pieces.jsonl")
    #expect(try TextFeatureExport(cache, level: .piece).writeLines(to: export) == 3)
    let lines = try String(contentsOf: export, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].contains("\"text\":\"A dog barks.\""))
  }

  /// Registers videos and their current descriptions.
  private func describeAll(_ texts: [(String, String)]) throws {
    try fixture.ledger.register(
      texts.map { id, _ in
        LedgerVideo(
          id: id, path: "/\(id).mp4",
          fingerprint: VideoFingerprint(sizeBytes: 1, modifiedSeconds: 1, hash: "h"),
          split: "train", classNames: nil, isAnomalous: nil)
      })
    for (id, text) in texts {
      try fixture.ledger.record(
        LedgerRequest(
          key: "r\(id)", videoID: id, selectionKey: nil, describerKind: "test", model: "m",
          promptName: "p", promptVersion: "1", promptHash: "h", layout: "l", sampling: "{}",
          frames: "[]", predictedImageTokens: nil))
      try fixture.ledger.store(
        LedgerDescription(
          videoID: id, requestKey: "r\(id)", text: text, status: .complete, describer: "{}"),
        intentKey: "i\(id)")
    }
  }
}
