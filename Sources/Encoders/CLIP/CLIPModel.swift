import Foundation
import Records
import Tensors
import Video

/// Contrastive Language-Image Pre-training (Radford et al., 2021): pictures and
/// strings as vectors of one space, from a folder with weights in Hugging Face's,
/// open_clip's or OpenAI's layout, the tokenizer's files and, where it has them, the
/// configuration of model and preprocessing (see `CLIPFolder`).
///
/// The embeddings are those of transformers' `CLIPModel.get_image_features` and
/// `get_text_features` (projected, not normalised), with its Pillow image
/// processor (`CLIPImageProcessor(backend="pil")`, "slow" in version 4): the
/// torchvision one resizes differently in the last bit. Weights take 4 bytes per parameter
/// in f32 (about 600 MB for ViT-B), 2 in bf16 and f16, 1 in int8. Beside them an encoding
/// needs less than 100 MB, whatever the number of pictures or strings.
public final class CLIPModel: ImageEncoder, TextEncoder, Sendable {
  /// The folder the model was read from.
  public let directory: URL
  package let configuration: CLIPConfiguration
  /// Turns a picture into the vision tower's input.
  package let imageProcessor: CLIPImageProcessor
  /// Turns a string into token ids.
  package let tokenizer: CLIPTokenizer
  /// How the linear layers of both towers are computed.
  public let arithmetic: LinearArithmetic
  private let vision: CLIPVisionTower
  private let text: CLIPTextTower
  private let weights: WeightSource
  private let weightsHash: WeightsHash
  /// Whether there is no configuration file, so that the activation is taken to be
  /// OpenAI's QuickGELU: right for OpenAI's weights, wrong for most of open_clip's.
  public let activationIsAssumed: Bool

  /// Reads a model folder: every weight, checked against the shapes that the
  /// configuration implies.
  ///
  /// - Parameter arithmetic: The result of `LinearArithmetic(for:)`.
  /// - Throws: `EncoderError` or `TensorError` that names the file and the
  ///   tensor or key.
  public init(directory: URL, arithmetic: LinearArithmetic = .f32) throws {
    self.directory = directory
    self.arithmetic = arithmetic
    let folder = try CLIPFolder(directory: directory)
    configuration = try CLIPConfiguration(folder)
    imageProcessor =
      folder.usesTorchvisionTransforms
      ? try CLIPImageProcessor(torchvision: directory, imageSize: configuration.imageSize)
      : try CLIPImageProcessor(directory: directory, imageSize: configuration.imageSize)
    weights = folder.weights
    weightsHash = WeightsHash(weights.file)
    activationIsAssumed = folder.configurationSource == .shapes
    tokenizer = try CLIPTokenizer(directory: directory)
    guard tokenizer.largestID < configuration.vocabularySize else {
      throw EncoderError.badConfiguration(
        path: weights.file.url.path,
        found: "a vocabulary of \(configuration.vocabularySize) tokens",
        expected: "more than the tokenizer's largest id \(tokenizer.largestID)")
    }
    // Reading and packing takes about as long for both towers.
    let textTower = BackgroundWork { [weights, configuration] in
      try CLIPTextTower(weights, configuration, arithmetic)
    }
    vision = try CLIPVisionTower(weights, configuration, arithmetic)
    text = try textTower.value()
  }

  /// Waits until the weights file is hashed.
  public var identity: EncoderIdentity {
    let name = ModelLocator.name(of: directory)
    return EncoderIdentity(
      kind: "clip", model: name.model, revision: name.revision, weightsHash: weightsHash.value,
      dimension: configuration.dimension,
      precision: arithmetic == .f32 ? nil : arithmetic.rawValue)
  }

  public var traits: TextEncoderTraits {
    TextEncoderTraits(
      tokenizerHash: tokenizer.filesHash, pooling: "end-token", maximumTokens: maximumTokens)
  }

  /// 77 for the released models.
  public var maximumTokens: Int? { configuration.maximumTokens }

  public func tokenCount(of text: String) throws -> Int { tokenizer.tokens(of: text).count }

  /// The text tower's weights under Hugging Face's names, read again from the file.
  ///
  /// - Throws: `EncoderError`, `TensorError`.
  package func textTowerWeights() throws -> [String: Tensor<Float>] {
    try CLIPTextTower.weightShapes(configuration).reduce(into: [:]) { tensors, weight in
      tensors[weight.key] = try weights.tensor(weight.key, weight.value)
    }
  }

  /// The projected features of pictures of any size, [n, dimension].
  ///
  /// - Throws: `EncoderError.unusablePicture` for one without pixels.
  public func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
    try encodeImages(images, processor: imageProcessor)
  }

  /// The same with another processor than the folder's own.
  package func encodeImages(_ images: [RGBImage], processor: CLIPImageProcessor) throws
    -> Tensor<Float>
  {
    try arithmetic.finite(
      try vision.encode(images, processor: processor), ofModelIn: directory)
  }

  /// The projected features of strings, [n, dimension]. A string longer than
  /// `maximumTokens` is cut and keeps its end token.
  public func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    try arithmetic.finiteInPart(
      try text.encode(
        try MatrixThreads.map(texts) { [self] in
          tokenizer.tokens(of: $0, maximumCount: configuration.maximumTokens)
        }), ofModelIn: directory)
  }
}

extension CLIPModel {
  /// The picture resized and cropped to the vision tower's input.
  public func prepared(_ image: RGBImage) throws -> RGBImage {
    try imageProcessor.prepared(image)
  }

  /// The projected features of results of `prepared`, [n, dimension].
  public func encodePrepared(_ pictures: [RGBImage]) throws -> Tensor<Float> {
    var processor = imageProcessor
    processor.target = .none
    processor.crop = nil
    return try encodeImages(pictures, processor: processor)
  }
}

/// The contents of a folder with a CLIP model: the layout of the weights, and the file
/// that states the sizes.
///
/// The weights decide. Weights in Hugging Face's layout belong to `config.json`; weights in
/// open_clip's (OpenAI's original names are the same) to `open_clip_config.json`, else to a
/// `config.json` of the same model. Without either the sizes are derived from the tensors'
/// shapes.
struct CLIPFolder {
  /// The source of the sizes.
  enum ConfigurationSource: Equatable {
    case huggingFace
    case openCLIP
    case shapes
  }

  let directory: URL
  /// The weights under Hugging Face's names, whatever names the file has.
  let weights: WeightSource
  let configurationSource: ConfigurationSource
  /// Whether pictures go through torchvision's transforms, as with open_clip and OpenAI,
  /// instead of transformers' processor.
  let usesTorchvisionTransforms: Bool

  /// - Throws: `EncoderError`, `TensorError`.
  init(directory: URL) throws {
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: directory.appendingPathComponent(name).path)
    }
    self.directory = directory
    let hasConfiguration = has("config.json")
    let hasOpenCLIP = has(Self.openCLIPFile)
    // timm's repositories have its own weights beside open_clip's.
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
