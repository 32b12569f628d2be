import Foundation
import Tensors

/// The files of a model folder that hold its weights.
struct WeightFiles {
  /// The file to open: weights, or the index of several.
  let url: URL

  /// Names that Hugging Face's tools write, the safest format first.
  static let huggingFaceNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
  /// Names that open_clip writes.
  static let openCLIPNames = ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]

  /// The first of `names` that the folder has, else the only file with the
  /// extension of weights.
  ///
  /// - Throws: `EncoderError.fileMissing`.
  init(in directory: URL, names: [String] = huggingFaceNames + openCLIPNames) throws {
    let files = FileManager.default
    if let name = names.first(where: {
      files.fileExists(atPath: directory.appendingPathComponent($0).path)
    }) {
      url = directory.appendingPathComponent(name)
      return
    }
    let extensions = ["safetensors"] + TensorFiles.pyTorchExtensions
    let others = ((try? files.contentsOfDirectory(atPath: directory.path)) ?? []).filter {
      extensions.contains(($0 as NSString).pathExtension.lowercased())
    }
    guard let only = others.first, others.count == 1 else {
      throw EncoderError.fileMissing(
        folder: directory.path, file: "model.safetensors",
        remedy: others.isEmpty
          ? "fetch the weights with kess models get, or copy them there"
          : "it has \(others.sorted().prefix(4).joined(separator: ", ")): keep one of them")
    }
    url = directory.appendingPathComponent(only)
  }

  /// Opens the weights.
  ///
  /// - Throws: `TensorError`.
  func open() throws -> any TensorFile { try TensorFiles.open(url) }
}
