import Detectors
import Foundation
import Records
import Tensors
import Testing

@Suite struct DBVADConfigurationTests {
  @Test("a configuration survives JSON, the temporal variant as it is written in the ablation")
  func codable() throws {
    let configuration = DBVADConfiguration(modelWidth: 256, classes: ["Normal", "Abuse"])
    let data = try JSONRecord.encode(configuration)
    #expect(String(decoding: data, as: UTF8.self).contains("\"temporal\" : \"ptc+gcn\""))
    #expect(try JSONDecoder().decode(DBVADConfiguration.self, from: data) == configuration)
  }

  @Test("what the types allow but the model cannot do is refused with the key")
  func validation() {
    func key(_ change: (inout DBVADConfiguration) -> Void) -> String? {
      var configuration = DBVADConfiguration(classes: ["a"])
      change(&configuration)
      do {
        try configuration.validate()
        return nil
      } catch DetectorError.badConfiguration(let key, _, _) {
        return key
      } catch {
        return "\(error)"
      }
    }
    #expect(key { _ in } == nil)
    #expect(key { $0.modelWidth = 7 } == "modelWidth")
    #expect(key { $0.classes = [] } == "classes")
    #expect(key { $0.dilations = [1] } == "dilations")
    #expect(key { $0.kernelSizes = [3, 4, 3] } == "kernelSizes")
    #expect(key { $0.temperature = 0 } == "temperature")
  }

  @Test("labels that do not fit the classes are refused with both shapes")
  func labels() {
    var generator = SeededGenerator(seed: 0)
    #expect(throws: DetectorError.wrongLabelEmbeddings(found: [1, 3], expected: [2, 512])) {
      try DBVAD<Float>(
        configuration: DBVADConfiguration(classes: ["a", "b"]),
        labels: .fixed(Tensor(shape: [1, 3])), generator: &generator)
    }
  }
}
