/// Which of a repository's files a model needs.
public enum HubFileSelection {
  /// Configuration and tokenizer files, wherever the model keeps them.
  static func isSmall(_ path: String) -> Bool {
    let parts = path.split(separator: "/").map(String.init)
    guard let name = parts.last else { return false }
    if parts.count == 1 { return names.contains(name) }
    // sentence-transformers' modules: 1_Pooling/config.json.
    return parts.count == 2 && name == "config.json" && parts[0].first?.isNumber == true
  }

  private static let names: Set<String> = [
    "config.json", "open_clip_config.json", "preprocessor_config.json", "processor_config.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "vocab.txt", "merges.txt", "modules.json", "sentence_bert_config.json",
    "config_sentence_transformers.json",
  ]

  /// The best weights that are there, safetensors before pickles; for a model in
  /// shards their index and all of them. Empty where there are none.
  ///
  /// - Parameter prefersOpenCLIP: for repositories whose other weights are those of
  ///   another library.
  static func weights(among files: [HubFile], prefersOpenCLIP: Bool) -> [HubFile] {
    let usual: [(index: String?, stem: String, ending: String)] = [
      (nil, "model", "safetensors"),
      ("model.safetensors.index.json", "model", "safetensors"),
      (nil, "pytorch_model", "bin"),
      ("pytorch_model.bin.index.json", "pytorch_model", "bin"),
    ]
    let openCLIP: [(index: String?, stem: String, ending: String)] = [
      (nil, "open_clip_model", "safetensors"), (nil, "open_clip_pytorch_model", "bin"),
    ]
    let order =
      prefersOpenCLIP
      ? openCLIP + usual : Array(usual[..<2]) + openCLIP[..<1] + usual[2...] + openCLIP[1...]
    for (index, stem, ending) in order {
      guard let index else {
        if let file = files.first(where: { $0.path == "\(stem).\(ending)" }) { return [file] }
        continue
      }
      guard let list = files.first(where: { $0.path == index }) else { continue }
      // model-00001-of-00002.safetensors
      return [list]
        + files.filter { $0.path.hasPrefix("\(stem)-") && $0.path.hasSuffix(".\(ending)") }
    }
    return []
  }
}
