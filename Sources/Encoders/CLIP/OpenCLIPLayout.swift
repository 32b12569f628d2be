/// Where open_clip's checkpoints, and OpenAI's original ones, hold the weights that
/// Hugging Face's CLIP names otherwise: queries, keys and values in one matrix, both
/// projections as [width, dimension].
enum OpenCLIPLayout {
  /// What training wrappers put before the names.
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
