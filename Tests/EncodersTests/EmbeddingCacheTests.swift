import Encoders
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct EmbeddingCacheTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func key(_ number: Int) throws -> EmbeddingKey {
    let keys = try #require(
      EmbeddingKeys(
        of: EncoderIdentity(kind: "test", model: "m", weightsHash: "w", dimension: 4)))
    return try #require(
      keys.key(
        of: RGBImage(width: 1, height: 1, red: UInt8(number & 255), green: UInt8(number >> 8))))
  }

  private func files() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.file("embeddings"), includingPropertiesForKeys: nil)
  }

  private func fill(_ cache: EmbeddingCache, _ numbers: Range<Int>) throws {
    for number in numbers {
      cache.insert([Float(number), 1, 2, 3], for: try key(number))
    }
    cache.flush()
  }

  @Test("two users of one folder add to it and read each other's, several at once")
  func severalUsersShareAFolder() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for part in 0..<4 {
        group.addTask {
          try fill(EmbeddingCache(folder: folder.url), part * 300..<(part + 1) * 300)
        }
      }
      try await group.waitForAll()
    }
    let reader = EmbeddingCache(folder: folder.url)
    for number in 0..<1200 {
      #expect(reader.embedding(try key(number), dimension: 4)?[0] == Float(number))
    }
    #expect(reader.embedding(try key(1200), dimension: 4) == nil)
    #expect(reader.embedding(try key(0), dimension: 5) == nil)
  }

  @Test("a damaged file costs its embeddings, is taken away, and the rest stays")
  func aDamagedFileIsTakenAway() throws {
    try fill(EmbeddingCache(folder: folder.url), 0..<3)
    let good = try #require(try files().first)
    let bad = folder.file("embeddings/bad.safetensors")
    try Data(contentsOf: good).dropLast(5).write(to: bad)
    let reader = EmbeddingCache(folder: folder.url)
    #expect(reader.embedding(try key(2), dimension: 4) == [2, 1, 2, 3])
    #expect(!FileManager.default.fileExists(atPath: bad.path))
    #expect(FileManager.default.fileExists(atPath: good.path))
  }

  @Test("the bytes stay below the bound: what was longest not used goes first")
  func theOldestGoesFirst() throws {
    let cache = EmbeddingCache(folder: folder.url, maximumBytes: 30_000)
    try fill(cache, 0..<256)
    let first = try #require(try files().first)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: first.path)
    try fill(cache, 256..<512)
    try fill(cache, 512..<768)
    let sizes = try files().map { try Data(contentsOf: $0).count }
    #expect(sizes.reduce(0, +) <= 30_000 && !sizes.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: first.path))
    let reader = EmbeddingCache(folder: folder.url)
    #expect(reader.embedding(try key(0), dimension: 4) == nil)
    #expect(reader.embedding(try key(767), dimension: 4)?[0] == 767)
  }

  @Test("what cannot be written is said, and costs nothing else")
  func aFolderThatCannotBeWrittenIsSaid() throws {
    try Data().write(to: folder.file("file"))
    let cache = EmbeddingCache(folder: folder.file("file"))
    try fill(cache, 0..<3)
    #expect(cache.failure?.contains("file/embeddings") == true)
  }

  @Test("XDG_CACHE_HOME comes before the home folder")
  func theFolderFollowsXDG() {
    let own = EmbeddingCache.defaultFolder(environment: ["XDG_CACHE_HOME": "/x", "HOME": "/h"])
    #expect(own.path == "/x/kess")
    #expect(EmbeddingCache.defaultFolder(environment: ["HOME": "/h"]).path == "/h/.cache/kess")
  }
}
