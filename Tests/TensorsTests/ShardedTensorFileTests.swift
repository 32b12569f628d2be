import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct ShardedTensorFileTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Safetensors.write(
      [("a", Tensor(shape: [2], scalars: [1, 2]))], to: folder.file("one.safetensors"))
    try Safetensors.write(
      [("b", Tensor(shape: [1, 2], scalars: [3, 4]))], to: folder.file("two.safetensors"))
  }

  private func index(_ map: String) throws -> URL {
    let url = folder.file("model.safetensors.index.json")
    try Data("{\"metadata\":{\"total_size\":16},\"weight_map\":{\(map)}}".utf8).write(to: url)
    return url
  }

  @Test("each tensor comes from the file that the index names")
  func tensorsComeFromTheirFiles() throws {
    let url = try index("\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"")
    let file = try #require(try TensorFiles.open(url) as? ShardedTensorFile)
    #expect(file.names == ["a", "b"] && file.shardURLs.count == 2)
    #expect(try file.tensor("b").scalars == [3, 4])
    #expect(file.shape(of: "b") == [1, 2] && file.elementType(of: "a") == .float32)
    #expect(!file.contains("c"))
    #expect(throws: TensorError.self) { try file.tensor("c") }
  }

  @Test(
    "an index that points outside its folder, or at what is not there, is refused",
    arguments: [
      "\"a\":\"../one.safetensors\"", "\"a\":\"/etc/passwd\"", "\"a\":\"two.safetensors\"",
      "\"a\":\"three.safetensors\"", "\"a\":\"\"", "\"a\":3",
    ])
  func aBadIndexIsRefused(map: String) throws {
    let url = try index(map)
    #expect(throws: TensorError.self) { try ShardedTensorFile(index: url) }
  }
}
