import DescriptionFeatures
import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct TextFeatureExportTests {
  private let fixture: CacheFixture
  private let encoder = WordEncoder()

  init() throws { fixture = try CacheFixture() }

  private func filled() throws -> TextFeatureCache {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(
      [
        TextsToEmbed(
          videoID: "b", description: "A man runs. He falls.", levels: [.whole, .sentence]),
        TextsToEmbed(videoID: "a", description: "Rain.", levels: [.whole, .sentence]),
      ], encoder: encoder)
    return cache
  }

  @Test("a matrix and its owners are in one order")
  func aMatrix() throws {
    let cache = try filled()
    let export = TextFeatureExport(cache, level: .sentence)
    #expect(try export.writeMatrix(to: fixture.folder.file("s.npy")) == 3)
    let matrix = try Npy.read(fixture.folder.file("s.npy"))
    let owners = try String(contentsOf: fixture.folder.file("s.owners.txt"), encoding: .utf8)
    #expect(owners == "a#0\nb#0\nb#1\n")
    #expect(matrix.shape == [3, 8])
    #expect(
      matrix[row: 2].scalars
        == (try TextPooling(encoder: encoder).vector(of: "He falls.", owner: "")))
  }

  @Test("one file per video, and safetensors with the recipe")
  func otherFormats() throws {
    let cache = try filled()
    let vectors = try cache.vectors()
    let export = TextFeatureExport(cache, level: .whole)
    #expect(try export.writeFiles(to: fixture.folder.file("files")) == 2)
    for owner in ["a", "b"] {
      #expect(
        try Npy.read(fixture.folder.file("files/\(owner).npy"))
          == Tensor(shape: [1, 8], scalars: vectors[owner] ?? []))
    }
    #expect(try export.writeSafetensors(to: fixture.folder.file("e.safetensors")) == 2)
    let file = try SafetensorsFile(url: fixture.folder.file("e.safetensors"))
    #expect(try file.bytes("owner_utf8") == Array("ab".utf8))
    #expect(try file.integers("owner_ends") == [1, 2])
    #expect(file.metadata["recipe"]?.contains("w-words") == true)
    #expect(try file.tensor("embeddings")[row: 1].scalars == vectors["b"])
    #expect(try file.bytes("text_sha256").count == 64)
  }

  @Test("thousands of rows over several shards equal the matrix in memory")
  func manyRows() throws {
    let cache = try fixture.cache(encoder)
    // More rows than are read between two releases of the mapped files' memory, added in
    // another order than that of their owners.
    let count = 2500
    let texts = (0..<count).map { number in
      (owner: "v\(String(10_000 + number * 7 % count))", text: "w\(number) w\(number % 13)")
    }
    for start in stride(from: 0, to: count, by: 1000) {
      let some = texts[start..<min(start + 1000, count)].map { ($0.owner, $0.text) }
      _ = try cache.add(CacheFixture.whole(some), encoder: encoder)
    }
    #expect(try fixture.shards(cache).count == 3)
    let vectors = try cache.vectors()
    let owners = vectors.keys.sorted()
    let matrix = Tensor(
      shape: [count, 8], scalars: owners.flatMap { vectors[$0, default: []] })
    let export = TextFeatureExport(cache, level: .whole)
    #expect(try export.writeMatrix(to: fixture.folder.file("m.npy")) == count)
    try Npy.write(matrix, to: fixture.folder.file("memory.npy"))
    #expect(
      try Data(contentsOf: fixture.folder.file("m.npy"))
        == Data(contentsOf: fixture.folder.file("memory.npy")))
    let named = try String(contentsOf: fixture.folder.file("m.owners.txt"), encoding: .utf8)
    #expect(named.split(separator: "\n").map(String.init) == owners)

    #expect(try export.writeSafetensors(to: fixture.folder.file("m.safetensors")) == count)
    let file = try SafetensorsFile(url: fixture.folder.file("m.safetensors"))
    #expect(try file.tensor("embeddings") == matrix)
    #expect(try file.bytes("owner_utf8") == Array(owners.joined().utf8))

    #expect(try export.writeLines(to: fixture.folder.file("m.jsonl")) == count)
    struct Line: Decodable { var owner: String, text: String, embedding: [Float] }
    let lines = try String(contentsOf: fixture.folder.file("m.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines.map(\.owner) == owners)
    #expect(lines.flatMap(\.embedding) == matrix.scalars)
    let described = Dictionary(uniqueKeysWithValues: texts.map { ($0.owner, $0.text) })
    #expect(lines.allSatisfy { $0.text == described[$0.owner] })
  }
}
