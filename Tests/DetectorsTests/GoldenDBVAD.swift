import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport

/// The small model that `Golden/make_dbvad.py` made with PyTorch.
struct GoldenDBVAD {
  let file: SafetensorsFile
  let lengths = [20, 17, 9, 3]

  init() throws {
    file = try SafetensorsFile(url: Golden.url("dbvad.safetensors"))
  }

  static var inputs: DetectorInputs {
    DetectorInputs(visualWidth: 6, textWidth: 5, labelTextWidth: 4, classes: ["a", "b", "c"])
  }

  /// The configuration of a variant of the script.
  static func configuration(_ variant: String) -> DBVADConfiguration {
    var configuration = DBVADConfiguration()
    configuration.modelWidth = 8
    configuration.descriptionLossWeight = 0.5
    switch variant {
    case "leak": configuration.vadclipPaddingLeak = true
    case "raw": configuration.legacyRawLogits = true
    case "soft": configuration.contrastiveTargets = .descriptionSimilarity
    default: configuration.temporal = .init(rawValue: variant) ?? .ptcAndGCN
    }
    return configuration
  }

  /// The model with the golden parameters, as a variant of the script.
  func model<Scalar: TensorScalar>(_ variant: String, _ type: Scalar.Type) throws -> DBVAD<Scalar> {
    var generator = SeededGenerator(seed: 0)
    let model = try DBVAD<Scalar>(
      Self.configuration(variant), inputs: Self.inputs,
      labels: .fixed(try file.tensor("input.labels")), generator: &generator)
    var tensors: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix("parameter.") {
      tensors[String(name.dropFirst("parameter.".count))] = try file.tensor(name)
    }
    if variant == "gcn" {
      tensors["temporal.fusion.weight"] = try file.tensor("gcn.temporal.fusion.weight")
    }
    try model.load(tensors)
    return model
  }

  func batch<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> DetectorBatch<Scalar> {
    DetectorBatch(
      features: try file.tensor("input.features").converted(to: type), lengths: lengths,
      targets: try file.tensor("input.targets").converted(to: type),
      classIndices: [[0], [1], [1, 2], [0]], describedRows: [0, 1, 2, 3],
      descriptions: try file.tensor("input.descriptions").converted(to: type))
  }

  /// The largest |a − b| / max(1, |b|).
  static func difference<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Float>) -> Double {
    guard a.shape == b.shape else { return .infinity }
    return zip(a.scalars, b.scalars).reduce(0) {
      max($0, abs(Double($1.0) - Double($1.1)) / max(1, abs(Double($1.1))))
    }
  }
}
