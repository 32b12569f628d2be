import Foundation
import Tensors

/// The weights of a model folder, taken by name with the shape that the
/// configuration implies.
struct WeightSource {
  private let file: SafetensorsFile
  /// What the checkpoint puts before the architecture's own names.
  private var prefix = ""

  /// - Throws: `EncoderError.fileMissing` where the folder has no
  ///   `model.safetensors`; `TensorError` for a damaged one.
  init(directory: URL) throws {
    let url = directory.appendingPathComponent("model.safetensors")
    guard FileManager.default.fileExists(atPath: url.path) else {
      let hasOther = FileManager.default.fileExists(
        atPath: directory.appendingPathComponent("pytorch_model.bin").path)
      throw EncoderError.fileMissing(
        folder: directory.path, file: "model.safetensors",
        remedy: hasOther
          ? "there is a pytorch_model.bin: load it with transformers and save_pretrained() it"
          : "download the model's safetensors weights")
    }
    file = try SafetensorsFile(url: url)
  }

  /// The same weights with the first of `prefixes` under which `name` exists
  /// put before every name that is asked for.
  func strippingPrefix(_ prefixes: [String], of name: String) -> WeightSource {
    var result = self
    result.prefix = prefixes.first { file.contains($0 + name) } ?? ""
    return result
  }

  /// The names of the file that begin with `start`, with no prefix taken off.
  func contains(_ name: String) -> Bool { file.contains(prefix + name) }

  /// A tensor as 32-bit floats.
  ///
  /// - Throws: `EncoderError.missingWeight` or `.misshapenWeight` with the
  ///   tensor's full name; `TensorError` where it holds integers.
  func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Float> {
    let name = prefix + name
    guard let found = file.shape(of: name) else {
      throw EncoderError.missingWeight(path: file.url.path, tensor: name, expected: shape)
    }
    guard found == shape else {
      throw EncoderError.misshapenWeight(
        path: file.url.path, tensor: name, found: found, expected: shape)
    }
    return try file.tensor(name)
  }

  /// A weight [outputs, inputs] and its bias.
  func linear(_ name: String, inputs: Int, outputs: Int, _ arithmetic: LinearArithmetic) throws
    -> LinearLayer
  {
    try joined([name], inputs: inputs, outputs: outputs, arithmetic)
  }

  /// Several layers of the same inputs as one, their outputs side by side.
  func joined(_ names: [String], inputs: Int, outputs: Int, _ arithmetic: LinearArithmetic) throws
    -> LinearLayer
  {
    try LinearLayer(
      weight: .concatenated(names.map { try tensor($0 + ".weight", [outputs, inputs]) }),
      bias: .concatenated(names.map { try tensor($0 + ".bias", [outputs]) }),
      arithmetic: arithmetic)
  }

  /// The weight and bias of a layer normalisation.
  func normalization(_ name: String, width: Int, epsilon: Float) throws -> NormalizationWeights {
    NormalizationWeights(
      weight: try tensor(name + ".weight", [width]), bias: try tensor(name + ".bias", [width]),
      epsilon: epsilon)
  }
}
