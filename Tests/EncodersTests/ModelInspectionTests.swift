import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct ModelInspectionTests {
  @Test("the golden models can be used", arguments: ["bert", "clip"])
  func goodModels(name: String) {
    let inspection = ModelInspection(of: Golden.url(name))
    #expect(inspection.problem == nil)
    #expect(inspection.kind.rawValue == name && inspection.byteCount > 0)
  }

  // Looking at names and shapes must find what reading everything finds.
  @Test("a BERT model is refused for the weights that its encoder refuses")
  func weightsThatAreWrong() throws {
    let file = try SafetensorsFile(url: Golden.url("bert/model.safetensors"))
    let tensors = try file.names.sorted().filter {
      file.elementType(of: $0)?.isFloatingPoint == true
    }
    .map { ($0, try file.tensor($0)) }
    #expect(tensors.count > 20)
    var refused = 0
    for (index, (name, tensor)) in tensors.enumerated() {
      var changed = tensors
      if index.isMultiple(of: 2) {
        changed.remove(at: index)
      } else {
        changed[index].1 = Tensor(shape: tensor.shape + [1], scalars: tensor.scalars)
      }
      let folder = try ModelFolder.copy(of: "bert", omitting: ["model.safetensors"])
      try Safetensors.write(changed, to: folder.file("model.safetensors"))
      let problem = ModelInspection(of: folder.url).problem
      do {
        _ = try BERTTextEncoder(directory: folder.url)
        #expect(problem == nil, "\(name)")
      } catch {
        refused += 1
        #expect(problem?.contains(name) == true, "\(name): \(problem ?? "no problem")")
      }
    }
    // Poolers are not read.
    #expect(refused >= tensors.count - 2)
  }
}
