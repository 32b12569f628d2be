import Foundation
import Tensors

extension CLIPConfiguration {
  /// Reads `open_clip_config.json`, or one of open_clip's own model
  /// configurations under that name.
  ///
  /// Missing keys have open_clip's defaults. Options beyond the released ViT models are
  /// refused by name.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  init(openCLIP url: URL) throws {
    let file = try ConfigurationFile.read(OpenCLIPFile.self, from: url)
    guard let model = try file.modelCfg ?? OpenCLIPFile.bareModel(in: url) else {
      throw EncoderError.badConfiguration(
        path: url.path, found: "no 'model_cfg'", expected: "open_clip's configuration")
    }
    if let unknown = model.unsupported {
      throw EncoderError.badConfiguration(
        path: url.path, found: unknown, expected: "a plain CLIP with a Vision Transformer")
    }
    let vision = model.visionCfg
    let text = model.textCfg
    let activation: RowActivation = model.quickGelu ?? false ? .quickGELU : .gelu
    let visionWidth = vision.width ?? 768
    let headWidth = vision.headWidth ?? 64
    let textWidth = text.width ?? 512
    func hidden(_ width: Int, _ ratio: Double?) -> Int {
      // A NaN ratio gives a size that the check below refuses.
      Int(exactly: (Double(width) * (ratio ?? 4)).rounded(.down)) ?? 0
    }
    try self.init(
      text: Tower(
        width: textWidth, hiddenWidth: hidden(textWidth, text.mlpRatio),
        layerCount: text.layers ?? 12, headCount: text.heads ?? 8, activation: activation,
        normalizationEpsilon: 1e-5),
      vision: Tower(
        width: visionWidth, hiddenWidth: hidden(visionWidth, vision.mlpRatio),
        layerCount: vision.layers ?? 12, headCount: headWidth > 0 ? visionWidth / headWidth : 0,
        activation: activation, normalizationEpsilon: 1e-5),
      vocabularySize: text.vocabSize ?? 49408, maximumTokens: text.contextLength ?? 77,
      // open_clip reads the embedding at the token with the highest id.
      endTokenID: 2, imageSize: vision.imageSize ?? 224, patchSize: vision.patchSize ?? 16,
      dimension: model.embedDim, path: url.path)
  }
}

/// open_clip's configuration file, its own keys.
struct OpenCLIPFile: Decodable {
  struct Model: Decodable {
    struct Vision: Decodable {
      var layers: Int?
      var width: Int?
      var headWidth: Int?
      var mlpRatio: Double?
      var patchSize: Int?
      var imageSize: Int?
      var timmModelName: String?
    }
    struct Text: Decodable {
      var contextLength: Int?
      var vocabSize: Int?
      var width: Int?
      var heads: Int?
      var layers: Int?
      var mlpRatio: Double?
      var hfModelName: String?
    }
    var embedDim: Int
    var quickGelu: Bool?
    var visionCfg: Vision
    var textCfg: Text
    /// The first option that changes the model and is not supported; nil for none.
    var unsupported: String?

    enum CodingKeys: String, CodingKey {
      case embedDim, quickGelu, visionCfg, textCfg
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      let vision = try values.decode([String: OpenCLIPOption].self, forKey: .visionCfg)
      let text = try values.decode([String: OpenCLIPOption].self, forKey: .textCfg)
      unsupported = OpenCLIPOption.firstUnsupported(vision: vision, text: text)
      embedDim = try values.decode(Int.self, forKey: .embedDim)
      quickGelu = try values.decodeIfPresent(Bool.self, forKey: .quickGelu)
      guard unsupported == nil else {
        (visionCfg, textCfg) = (Vision(), Text())
        return
      }
      visionCfg = try values.decode(Vision.self, forKey: .visionCfg)
      textCfg = try values.decode(Text.self, forKey: .textCfg)
    }
  }

  struct Preprocessing: Decodable {
    var mean: [Float]?
    var std: [Float]?
    var interpolation: String?
    var resizeMode: String?
  }

  var modelCfg: Model?
  var preprocessCfg: Preprocessing?

  /// The configuration where the file is one of open_clip's own, without the
  /// envelope; nil for other files.
  static func bareModel(in url: URL) throws -> Model? {
    struct Mark: Decodable { var embedDim: Int? }
    guard try ConfigurationFile.read(Mark.self, from: url).embedDim != nil else { return nil }
    return try ConfigurationFile.read(Model.self, from: url)
  }
}

/// The value of one of open_clip's options, as far as it decides whether the option changes
/// the model. Keys of such dictionaries stay in snake case.
enum OpenCLIPOption: Decodable {
  case off
  case number
  case text(String)
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .off
    } else if let flag = try? value.decode(Bool.self) {
      self = flag ? .other : .off
    } else if (try? value.decode(Double.self)) != nil {
      self = .number
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else {
      self = .other
    }
  }

  /// Options that do not affect inference with the plain model.
  private static let harmless: Set<String> = [
    "patch_dropout", "attn_pooler_queries", "attn_pooler_heads", "output_tokens",
    "timm_model_pretrained",
    "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path", "hf_tokenizer_name",
    "tokenizer_mode", "tokenizer_kwargs", "pad_id", "eos_id", "hf_model_pretrained", "hf_proj_type",
    "hf_pooler_type",
  ]
  /// Options whose value is a number, read elsewhere.
  private static let sizes: Set<String> = [
    "layers", "width", "head_width", "mlp_ratio", "patch_size", "image_size", "context_length",
    "vocab_size", "heads",
  ]
  /// Options with only one permitted value.
  private static let fixed = [
    "pos_embed_type": "learnable", "proj_type": "linear", "block_type": "default",
  ]

  /// The first option that makes the model another than CLIP's ViT, in words.
  static func firstUnsupported(
    vision: [String: OpenCLIPOption], text: [String: OpenCLIPOption]
  ) -> String? {
    for (name, options, pool) in [("vision_cfg", vision, "tok"), ("text_cfg", text, "argmax")] {
      for (key, option) in options.sorted(by: { $0.key < $1.key }) where !harmless.contains(key) {
        let isPlain =
          switch option {
          case .off: true
          case .number: sizes.contains(key)
          case .text(let value): value == (key == "pool_type" ? pool : fixed[key])
          case .other: false
          }
        if !isPlain { return "'\(key)' in \(name)" }
      }
    }
    return nil
  }
}

/// The layout of open_clip's checkpoints and OpenAI's original ones, in contrast to Hugging
/// Face's: other names, queries, keys and values in one matrix, both projections as
/// [width, dimension].
enum OpenCLIPLayout {
  /// Prefixes that training wrappers add to the names.
  private static let prefixes = ["", "module.", "_orig_mod.", "model.", "clip."]
  private static let mark = "visual.conv1.weight"

  /// The same weights under Hugging Face's names, where the file has this layout.
  static func adapted(_ weights: WeightSource) -> WeightSource? {
    guard prefixes.contains(where: { weights.file.contains($0 + mark) }) else { return nil }
    return weights.strippingPrefix(prefixes, of: mark).laidOut(by: place)
  }

  /// The place of the weight with a Hugging Face name.
  @Sendable static func place(of name: String) -> WeightSource.Place {
    if let place = single[name] { return place }
    for (start, root) in [
      ("vision_model.encoder.layers.", "visual."), ("text_model.encoder.layers.", ""),
    ] where name.hasPrefix(start) {
      let parts = name.dropFirst(start.count).split(separator: ".", maxSplits: 1)
      guard parts.count == 2, let place = inLayer[String(parts[1])] else { break }
      return WeightSource.Place(
        name: "\(root)transformer.resblocks.\(parts[0]).\(place.name)", third: place.third)
    }
    return WeightSource.Place(name: name)
  }

  private static let single: [String: WeightSource.Place] = [
    "vision_model.embeddings.patch_embedding.weight": .init(name: "visual.conv1.weight"),
    "vision_model.embeddings.class_embedding": .init(name: "visual.class_embedding"),
    "vision_model.embeddings.position_embedding.weight": .init(
      name: "visual.positional_embedding"),
    "vision_model.pre_layrnorm.weight": .init(name: "visual.ln_pre.weight"),
    "vision_model.pre_layrnorm.bias": .init(name: "visual.ln_pre.bias"),
    "vision_model.post_layernorm.weight": .init(name: "visual.ln_post.weight"),
    "vision_model.post_layernorm.bias": .init(name: "visual.ln_post.bias"),
    "visual_projection.weight": .init(name: "visual.proj", isTransposed: true),
    "text_model.embeddings.token_embedding.weight": .init(name: "token_embedding.weight"),
    "text_model.embeddings.position_embedding.weight": .init(name: "positional_embedding"),
    "text_model.final_layer_norm.weight": .init(name: "ln_final.weight"),
    "text_model.final_layer_norm.bias": .init(name: "ln_final.bias"),
    "text_projection.weight": .init(name: "text_projection", isTransposed: true),
  ]

  private static let inLayer: [String: WeightSource.Place] = {
    var places: [String: WeightSource.Place] = [:]
    for kind in ["weight", "bias"] {
      for (third, projection) in ["q_proj", "k_proj", "v_proj"].enumerated() {
        places["self_attn.\(projection).\(kind)"] = .init(
          name: "attn.in_proj_\(kind)", third: third)
      }
      for (name, stored) in [
        ("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
        ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"),
      ] {
        places["\(name).\(kind)"] = .init(name: "\(stored).\(kind)")
      }
    }
    return places
  }()
}
