import Encoders
import Foundation
import Records
import Tensors
import TestSupport
import Testing

@Suite struct EmbeddingFileTests {
  private let identity = EncoderIdentity(
    kind: "clip", model: "openai/clip", revision: "abc", weightsHash: "ff", dimension: 2)
  private let images = Tensor<Float>(shape: [2, 2], scalars: [1, 2, 3, 4])
  private let texts = Tensor<Float>(shape: [1, 2], scalars: [5, 6])

  @Test func safetensorsKeepImagesAndTextsApartWithTheirNames() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("out.safetensors")
    try EmbeddingFile.write(
      images: images, texts: texts, imageNames: ["a.png", "b.png"], textNames: ["fire"],
      identity: identity, to: url)
    let file = try SafetensorsFile(url: url)
    #expect(try file.tensor("image_embeddings") == images)
    #expect(try file.tensor("text_embeddings") == texts)
    #expect(file.metadata["images"] == "a.png\nb.png")
    #expect(file.metadata["model"] == "openai/clip" && file.metadata["revision"] == "abc")
  }

  @Test func npyHoldsImagesThenTexts() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("out.npy")
    try EmbeddingFile.write(images: images, texts: texts, identity: identity, to: url)
    #expect(try Npy.read(url) == Tensor(shape: [3, 2], scalars: [1, 2, 3, 4, 5, 6]))
  }

  @Test func anotherEndingIsRefused() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: EncoderError.self) {
      try EmbeddingFile.write(
        images: images, texts: nil, identity: identity, to: folder.file("out.csv"))
    }
    #expect(error?.description.contains(".safetensors or .npy") == true)
  }
}
