import Foundation
import Records
import Tensors

/// Writes embeddings for other programs: `.npy` (one matrix, images first, then
/// texts) or `.safetensors` (`image_embeddings`, `text_embeddings`, with the
/// encoder and the inputs' names in the metadata).
package enum EmbeddingFile {
  /// The file extensions that `write` supports.
  package static let extensions = ["safetensors", "npy"]

  /// Writes the rows atomically, each [n, dimension].
  ///
  /// - Throws: `EncoderError.badConfiguration` for another extension;
  ///   `RecordError.cannotWrite`.
  package static func write(
    images: Tensor<Float>?, texts: Tensor<Float>?, imageNames: [String] = [],
    textNames: [String] = [], identity: EncoderIdentity, to url: URL
  ) throws {
    switch url.pathExtension.lowercased() {
    case "npy":
      try Npy.write(.concatenated([images, texts].compactMap { $0 }), to: url)
    case "safetensors":
      var tensors: [(String, Tensor<Float>)] = []
      if let images { tensors.append(("image_embeddings", images)) }
      if let texts { tensors.append(("text_embeddings", texts)) }
      var metadata = ["kind": identity.kind, "model": identity.model]
      metadata["revision"] = identity.revision
      metadata["weights_sha256"] = identity.weightsHash
      if !imageNames.isEmpty { metadata["images"] = imageNames.joined(separator: "\n") }
      if !textNames.isEmpty { metadata["texts"] = textNames.joined(separator: "\n") }
      try Safetensors.write(tensors, metadata: metadata, to: url)
    default:
      throw EncoderError.badConfiguration(
        path: url.path, found: "the ending '.\(url.pathExtension)'",
        expected: extensions.map { ".\($0)" }.joined(separator: " or "))
    }
  }
}
