import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct OpenCLIPTests {
  private let record: GoldenRecord
  private let golden: SafetensorsFile

  init() throws {
    record = try GoldenRecord.read()
    golden = try SafetensorsFile(url: Golden.url("open-clip/embeddings.safetensors"))
  }

  /// A folder with the golden tokenizer and the files given.
  private func folder(_ files: [String: Data]) throws -> TemporaryFolder {
    try ModelFolder.copy(
      of: "clip",
      omitting: ["config.json", "model.safetensors", "preprocessor_config.json"],
      replacing: files)
  }

  private func file(_ name: String) throws -> Data {
    try Data(contentsOf: Golden.url("open-clip/\(name)"))
  }

  private func expectEmbeddings(_ folder: URL, equal name: String) throws {
    let model = try CLIPModel(directory: folder)
    let images = CentredEmbeddingCheck(reference: try golden.tensor("\(name)_images").rowList)
      .compare(try model.encodeImages(try record.pictures()).rowList)
    #expect(images.passes, "\(name) images: \(images)")
    let texts = CentredEmbeddingCheck(reference: try golden.tensor("\(name)_texts").rowList)
      .compare(try model.encodeTexts(record.texts).rowList)
    #expect(texts.passes, "\(name) texts: \(texts)")
  }

  @Test("a .bin of open_clip gives open_clip's embeddings, with GELU unless it says QuickGELU")
  func theBinFileEqualsOpenCLIP() throws {
    let configuration = try file("open_clip_config.json")
    let quick = try ModelFolder.edited(
      "open-clip/open_clip_config.json",
      [("\"embed_dim\": 24,", "\"embed_dim\": 24, \"quick_gelu\": true,")])
    for (name, data) in [("f32_gelu", configuration), ("f32_quick_gelu", quick)] {
      let folder = try folder([
        "open_clip_config.json": data,
        "open_clip_pytorch_model.bin": try file("open_clip_pytorch_model.bin"),
      ])
      try expectEmbeddings(folder.url, equal: name)
    }
  }

  @Test("half-precision safetensors of open_clip give its embeddings", arguments: ["f16", "bf16"])
  func halfPrecisionEqualsOpenCLIP(type: String) throws {
    let folder = try folder([
      "open_clip_config.json": try file("open_clip_config.json"),
      "open_clip_model.safetensors": try file("\(type).safetensors"),
    ])
    try expectEmbeddings(folder.url, equal: "\(type)_gelu")
  }

  @Test("the wrong activation or a rounded weight fails the same check")
  func theCheckCanFail() throws {
    let folder = try folder([
      "open_clip_config.json": try file("open_clip_config.json"),
      "open_clip_model.safetensors": try file("f16.safetensors"),
    ])
    let rows = try CLIPModel(directory: folder.url).encodeImages(try record.pictures()).rowList
    for other in ["f32_quick_gelu", "bf16_gelu"] {
      let check = CentredEmbeddingCheck(
        reference: try golden.tensor("\(other)_images").rowList)
      #expect(check.compare(rows).failingRows.count == 64, "\(other)")
    }
  }

  @Test("OpenAI's TorchScript archive alone, its sizes read off the shapes, gives its embeddings")
  func openAIsArchiveEqualsOpenCLIP() throws {
    let folder = try folder(["ViT-tiny.pt": try file("openai.pt")])
    try expectEmbeddings(folder.url, equal: "openai")
    let model = try CLIPModel(directory: folder.url)
    #expect(model.activationIsAssumed)
    #expect(model.configuration.vision.headCount == 1 && model.configuration.imageSize == 32)
    #expect(model.configuration.patchSize == 4 && model.configuration.vision.hiddenWidth == 16)
  }

  @Test("the text tower's weights come under Hugging Face's names")
  func theTextTowerIsRenamed() throws {
    let folder = try folder([
      "open_clip_config.json": try file("open_clip_config.json"),
      "open_clip_pytorch_model.bin": try file("open_clip_pytorch_model.bin"),
    ])
    let weights = try CLIPModel(directory: folder.url).textTowerWeights()
    let stored = try PyTorchFile(url: Golden.url("open-clip/open_clip_pytorch_model.bin"))
    let joined = try stored.tensor("transformer.resblocks.0.attn.in_proj_weight")
    #expect(weights["text_model.encoder.layers.0.self_attn.k_proj.weight"] == joined[rows: 32..<64])
    #expect(weights["text_projection.weight"]?.shape == [24, 32])
    let projection = try stored.tensor("text_projection")
    let column = (0..<32).map { projection.scalars[$0 * 24 + 3] }
    #expect(weights["text_projection.weight"]?[row: 3].scalars == column)
  }

  @Test("sharded weights load, and their hash tells the shards apart")
  func shardedWeightsLoad() throws {
    let whole = try SafetensorsFile(url: Golden.url("clip/model.safetensors"))
    var hashes: Set<String> = []
    for cut in [10, 20] {
      let folder = try ModelFolder.copy(of: "clip", omitting: ["model.safetensors"])
      var map: [String: String] = [:]
      for (name, part) in [
        ("model-00001-of-00002.safetensors", whole.names.prefix(cut)),
        ("model-00002-of-00002.safetensors", whole.names.dropFirst(cut)),
      ] {
        try Safetensors.write(part.map { ($0, try whole.tensor($0)) }, to: folder.file(name))
        for tensor in part { map[tensor] = name }
      }
      try JSONEncoder().encode(["weight_map": map])
        .write(to: folder.file("model.safetensors.index.json"))
      let model = try CLIPModel(directory: folder.url)
      let single = try CLIPModel(directory: Golden.url("clip"))
      #expect(try model.encodeTexts(["a street"]) == single.encodeTexts(["a street"]))
      hashes.insert(try #require(model.identity.weightsHash))
    }
    #expect(hashes.count == 2)
  }

  @Test(
    "a model that is no plain CLIP is refused by the option that makes it another",
    arguments: [
      ("\"patch_size\": 8,", "\"patch_size\": 8, \"attentional_pool\": true,", "attentional_pool"),
      ("\"patch_size\": 8,", "\"patch_size\": 8, \"pool_type\": \"avg\",", "pool_type"),
      ("\"layers\": 2,", "\"layers\": [2, 2, 6, 2],", "layers"),
      ("\"heads\": 4,", "\"heads\": 4, \"hf_model_name\": \"roberta-base\",", "hf_model_name"),
      ("\"vocab_size\": 1014,", "\"vocab_size\": 1014, \"qk_norm\": true,", "qk_norm"),
      ("\"head_width\": 16,", "\"head_width\": 0,", "heads"),
      ("\"embed_dim\": 24,", "", "embed"),
    ])
  func anotherArchitectureIsRefused(old: String, new: String, mention: String) throws {
    let folder = try folder([
      "open_clip_config.json": try ModelFolder.edited(
        "open-clip/open_clip_config.json", [(old, new)]),
      "open_clip_pytorch_model.bin": try file("open_clip_pytorch_model.bin"),
    ])
    let error = #expect(throws: (any Error).self) { try CLIPModel(directory: folder.url) }
    #expect("\(error.map { "\($0)" } ?? "")".contains(mention), "\(String(describing: error))")
  }

  @Test("a folder without weights, or with several, says so")
  func missingWeightsAreExplained() throws {
    let none = try folder([:])
    var error = #expect(throws: EncoderError.self) { try CLIPModel(directory: none.url) }
    #expect(error?.description.contains("kess models get") == true)
    let two = try folder(["a.pt": Data(), "b.pt": Data()])
    error = #expect(throws: EncoderError.self) { try CLIPModel(directory: two.url) }
    #expect(error?.description.contains("a.pt, b.pt") == true)
  }

  @Test("open_clip's folders without a tokenizer are told which files to add")
  func aMissingTokenizerIsExplained() throws {
    let folder = try TemporaryFolder()
    try file("open_clip_config.json").write(to: folder.file("open_clip_config.json"))
    try file("f16.safetensors").write(to: folder.file("open_clip_model.safetensors"))
    let error = #expect(throws: EncoderError.self) { try CLIPModel(directory: folder.url) }
    #expect(error?.description.contains("openai/clip-vit-base-patch32") == true)
  }
}
