import Foundation
import Tensors

/// What a folder with a CLIP model holds: whose layout the weights have, and
/// which file states the sizes.
///
/// The weights decide. Those of Hugging Face's layout go with `config.json`, those
/// of open_clip's (OpenAI's original names are the same) with
/// `open_clip_config.json`, else with a `config.json` of the same model; without
/// either the sizes are read off the tensors' shapes.
struct CLIPFolder {
  /// What states the sizes.
  enum ConfigurationSource: Equatable {
    case huggingFace
    case openCLIP
    case shapes
  }

  let directory: URL
  /// Under Hugging Face's names, whatever the file's own.
  let weights: WeightSource
  let configurationSource: ConfigurationSource
  /// Whether pictures go through torchvision's transforms, as open_clip and OpenAI
  /// do it, and not through transformers' processor.
  let usesTorchvisionTransforms: Bool

  /// - Throws: `EncoderError`, `TensorError`.
  init(directory: URL) throws {
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: directory.appendingPathComponent(name).path)
    }
    self.directory = directory
    let hasConfiguration = has("config.json")
    let hasOpenCLIP = has(Self.openCLIPFile)
    // timm's repositories put weights of its own beside open_clip's.
    let isOpenCLIPFirst =
      hasOpenCLIP && (!hasConfiguration || !CLIPConfiguration.isStated(in: directory))
    let files = try WeightFiles(
      in: directory,
      names: isOpenCLIPFirst
        ? WeightFiles.openCLIPNames + WeightFiles.huggingFaceNames
        : WeightFiles.huggingFaceNames + WeightFiles.openCLIPNames)
    let source = WeightSource(try files.open())
    if let adapted = OpenCLIPLayout.adapted(source) {
      weights = adapted
      configurationSource =
        hasOpenCLIP ? .openCLIP : hasConfiguration ? .huggingFace : .shapes
      usesTorchvisionTransforms = hasOpenCLIP || !has("preprocessor_config.json")
    } else {
      weights = source
      configurationSource = hasConfiguration ? .huggingFace : .shapes
      usesTorchvisionTransforms = false
    }
  }

  static let openCLIPFile = "open_clip_config.json"
}
