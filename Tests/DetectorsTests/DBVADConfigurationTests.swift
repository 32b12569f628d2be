import Detectors
import Foundation
import Records
import Tensors
import Testing

@Suite struct DBVADConfigurationTests {
  @Test("a configuration survives JSON, the temporal variant as it is written in the ablation")
  func codable() throws {
    var configuration = DBVADConfiguration()
    configuration.modelWidth = 256
    let data = try JSONRecord.encode(configuration)
    #expect(String(decoding: data, as: UTF8.self).contains("\"temporal\" : \"ptc+gcn\""))
    #expect(try JSONDecoder().decode(DBVADConfiguration.self, from: data) == configuration)
  }

  @Test("what the types allow but the model cannot do is refused with the key")
  func validation() {
    func key(_ change: (inout DBVADConfiguration) -> Void) -> String? {
      var configuration = DBVADConfiguration()
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
    #expect(key { $0.dilations = [1] } == "dilations")
    #expect(key { $0.kernelSizes = [3, 4, 3] } == "kernelSizes")
    #expect(key { $0.temperature = 0 } == "temperature")
    #expect(throws: DetectorError.self) { try DetectorInputs(classes: []).validate() }
  }

  @Test("labels that do not fit the classes are refused with both shapes")
  func labels() throws {
    var generator = SeededGenerator(seed: 0)
    let family = DetectorRegistry.standard.standardFamily
    let inputs = DetectorInputs(classes: ["a", "b"])
    let plan = try family.plan(hasBuiltInFeatures: false, inputs: inputs)
    #expect(throws: DetectorError.wrongLabelEmbeddings(found: [1, 3], expected: [2, 512])) {
      try DetectorModel(
        family, configuration: plan.configuration, inputs: inputs,
        labels: .fixed(Tensor(shape: [1, 3])), generator: &generator)
    }
  }
}
