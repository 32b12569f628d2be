import DescriptionFeatures
import Foundation
import Tensors
import Testing

@Suite struct TextFeatureExportTests {
  private let fixture: CacheFixture
  private let encoder = WordEncoder()

  init() throws { fixture = try CacheFixture() }

  private func filled() throws -> TextFeatureCache {
    let cache = try fixture.cache(encoder)
    _ = try cache.add(
      [
        OwnedTexts(
          videoID: "b", description: "A man runs. He falls.", levels: [.whole, .sentence]),
        OwnedTexts(videoID: "a", description: "Rain.", levels: [.whole, .sentence]),
      ], encoder: encoder)
    return cache
  }

  @Test("a matrix and its owners are in one order")
  func aMatrix() throws {
    let cache = try filled()
    try TextFeatureExport(cache, level: .sentence).writeMatrix(to: fixture.folder.file("s.npy"))
    let matrix = try Npy.read(fixture.folder.file("s.npy"))
    let owners = try String(contentsOf: fixture.folder.file("s.owners.txt"), encoding: .utf8)
    #expect(owners == "a#0\nb#0\nb#1\n")
    #expect(matrix.shape == [3, 8])
    #expect(
      matrix[row: 2].scalars
        == (try TextPooling(encoder: encoder).vector(of: "He falls.", owner: "")))
  }

  @Test("one file a video, and safetensors with the recipe")
  func otherFormats() throws {
    let cache = try filled()
    let vectors = try cache.vectors()
    let export = try TextFeatureExport(cache, level: .whole)
    try export.writeFiles(to: fixture.folder.file("files"))
    for owner in ["a", "b"] {
      #expect(
        try Npy.read(fixture.folder.file("files/\(owner).npy"))
          == Tensor(shape: [1, 8], scalars: vectors[owner] ?? []))
    }
    try export.writeSafetensors(to: fixture.folder.file("e.safetensors"))
    let file = try SafetensorsFile(url: fixture.folder.file("e.safetensors"))
    #expect(file.metadata["owners"] == #"["a","b"]"#)
    #expect(file.metadata["recipe"]?.contains("w-words") == true)
    #expect(try file.tensor("embeddings")[row: 1].scalars == vectors["b"])
  }
}
