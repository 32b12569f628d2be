import Foundation
import Tensors
import TestSupport
import Testing

@Suite(.blocking) struct EmbedCommandTests {
  /// A workspace of four described clips.
  private struct Described {
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      try SmallDataset.render(to: folder.file("clips"), perClass: 2)
      let run = try CommandRun.run(
        "describe", ["--dataset", "clips", "--describer", "builtin", "--scorer", "builtin"],
        in: folder.url)
      #expect(run.exitCode == 0, "\(run.standardError)")
    }

    func embed(_ arguments: [String], expect code: Int32 = 0) throws -> CommandRun {
      let run = try CommandRun.run("embed", arguments, in: folder.url)
      #expect(run.exitCode == code, "embed \(arguments): \(run.standardError)")
      return run
    }

    /// The first shard of the only cache.
    func shard() throws -> URL {
      let root = folder.file("workspaces/clips/features/text")
      let files = try #require(FileManager.default.enumerator(atPath: root.path))
      let names = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }
      return root.appendingPathComponent(try #require(names.sorted().first))
    }
  }

  private let bert = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/bert").path

  @Test("what was embedded is listed, verified, exported and searched")
  func theRound() throws {
    let described = try Described()
    let first = try described.embed(["--encoder", "builtin"])
    #expect(first.standardOutput.contains(" embedded, 0 kept"))
    #expect(
      try described.embed(["--encoder", "builtin"]).standardOutput.contains("0 embedded"))
    let levels = try described.embed([
      "--encoder", "builtin", "--levels", "whole,sentences,classes", "--json",
    ])
    #expect(levels.standardOutput.contains("\"wasStopped\" : false"))

    struct Info: Decodable {
      struct Recipe: Decodable {
        struct Encoder: Decodable { var kind: String }
        var encoder: Encoder
        var longText: String
      }
      struct Statistics: Decodable { var texts: [String: Int] }
      var key: String
      var recipe: Recipe
      var statistics: Statistics
    }
    let info = try JSONDecoder().decode(
      [Info].self, from: Data(try described.embed(["info", "--json"]).standardOutput.utf8))
    #expect(info.count == 1)
    #expect(info[0].recipe.encoder.kind == "builtin" && info[0].recipe.longText == "sentences")
    #expect(info[0].statistics.texts["whole"] == 4)
    #expect(info[0].statistics.texts["class"] == 2)
    #expect(try described.embed(["info"]).standardOutput.contains(info[0].key))

    #expect(try described.embed(["verify"]).standardOutput.contains("all well"))
    _ = try described.embed([
      "export", "--npy", "e.npy", "--safetensors", "e.safetensors", "--jsonl", "e.jsonl",
    ])
    let lines = try String(contentsOf: described.folder.file("e.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 4)
    struct Line: Decodable { var owner: String, text: String, embedding: [Float] }
    let line = try JSONDecoder().decode(Line.self, from: Data(lines[0].utf8))
    #expect(line.embedding.count == 512)

    struct Neighbour: Decodable { var similarity: Float, owners: [String] }
    let near = try JSONDecoder().decode(
      [Neighbour].self,
      from: Data(
        try described.embed([
          "neighbours", line.text, "--encoder", "builtin", "--count", "2", "--json",
        ]).standardOutput.utf8))
    #expect(near[0].owners.contains(line.owner) && abs(near[0].similarity - 1) < 1e-5)
    #expect(try described.embed(["gc"]).standardOutput.contains("0 unused vectors"))
  }

  @Test("a torn file is named, costs only itself, and is replaced by the next run")
  func aTornFile() throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "builtin"])
    let shard = try described.shard()
    let whole = try Data(contentsOf: shard)
    try whole.prefix(whole.count / 2).write(to: shard)
    let verify = try described.embed(["verify"], expect: 2)
    #expect(verify.standardOutput.contains("\(shard.lastPathComponent): the file is damaged"))
    let export = try described.embed(["export", "--npy", "e.npy"], expect: 65)
    #expect(export.lastError.contains("run embed again"))
    let again = try described.embed(["--encoder", "builtin"])
    #expect(again.standardError.contains("damaged or missing"))
    #expect(try described.embed(["verify"]).standardOutput.contains("all well"))
  }

  @Test("a sentence encoder with a small limit: what is over it is counted")
  func longTexts() throws {
    let described = try Described()
    // The golden BERT reads 48 tokens, and spells most words out.
    let run = try described.embed([
      "--encoder", "bert", "--text-model", bert, "--long", "truncate",
    ])
    #expect(run.standardOutput.contains("over the limit of 48 tokens"))
    let info = try described.embed(["info"]).standardOutput
    #expect(info.contains("pooling       mean, unit length"))
    #expect(info.contains("long texts    truncate"))
    _ = try described.embed(["--encoder", "bert", "--text-model", bert])
    let ambiguous = try described.embed(
      ["neighbours", "a fight", "--encoder", "bert", "--text-model", bert], expect: 64)
    #expect(ambiguous.lastError.contains("choose one with --key"))
    let unclear = try described.embed(["export", "--npy", "e.npy"], expect: 64)
    #expect(unclear.lastError.contains("choose one with --key"))
    let key = try described.shard().deletingLastPathComponent().lastPathComponent
    let other = try described.embed(
      ["neighbours", "a fight", "--encoder", "builtin", "--key", key], expect: 64)
    #expect(other.lastError.contains("pass the encoder that made them"))
  }

  @Test("weights that hold NaN are refused by the tensor's name, and nothing is stored")
  func badWeights() throws {
    let described = try Described()
    let model = described.folder.file("nan")
    try FileManager.default.copyItem(at: URL(fileURLWithPath: bert), to: model)
    let file = try SafetensorsFile(url: model.appendingPathComponent("model.safetensors"))
    let tensors = try file.names.map { name in
      var tensor = try file.tensor(name)
      if name.hasSuffix("layer.1.output.dense.bias") { tensor.scalars[3] = .nan }
      return (name, tensor)
    }
    try Safetensors.write(tensors, to: model.appendingPathComponent("model.safetensors"))
    let run = try described.embed(["--encoder", "bert", "--text-model", "nan"], expect: 65)
    #expect(run.lastError.contains("'encoder.layer.1.output.dense.bias' contains NaN"))
    let empty = try described.embed(["info"], expect: 65)
    #expect(empty.lastError.contains("no text features yet"))
  }

  @Test("a server that is not there ends with 69, and its options without it are refused")
  func servers() throws {
    let described = try Described()
    let run = try described.embed(["--encoder", "http://127.0.0.1:9/v1"], expect: 69)
    #expect(run.lastError.contains("http://127.0.0.1:9/v1"))
    let refused = try described.embed(["--encoder", "builtin", "--tokenizer", bert], expect: 64)
    #expect(refused.lastError.contains("without a server"))
  }

  @Test("a server's embeddings are cut by its tokenizer, kept, and found again")
  func aServer() throws {
    let described = try Described()
    let server = try FaultInjectingServer { request in
      let texts = request.json?["input"] as? [String] ?? []
      return .embeddings(
        texts.map { text in
          var counts = [Float](repeating: 0.5, count: 8)
          for byte in text.utf8 { counts[Int(byte) % 8] += 1 }
          return counts
        })
    }
    defer { server.stop() }
    let unknown = try described.embed(["--encoder", server.base], expect: 64)
    #expect(unknown.lastError.contains("--tokenizer"))
    let run = try described.embed(["--encoder", server.base, "--tokenizer", bert])
    #expect(run.standardOutput.contains("over the limit of 48 tokens"))
    #expect(try described.embed(["info"]).standardOutput.contains(server.base))
    let near = try described.embed([
      "neighbours", "a man", "--encoder", server.base, "--tokenizer", bert,
    ])
    #expect(!near.standardOutput.isEmpty)
  }

  @Test("quality figures are printed, with classes")
  func quality() throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "builtin"])
    let run = try described.embed(["quality"])
    #expect(run.standardOutput.contains("near duplicates"))
    #expect(run.standardOutput.contains("class separation"))
    struct Figures: Decodable { var descriptions: Int, nearDuplicateShare: Double }
    let figures = try JSONDecoder().decode(
      Figures.self, from: Data(try described.embed(["quality", "--json"]).standardOutput.utf8))
    #expect(figures.descriptions == 4 && (0...1).contains(figures.nearDuplicateShare))
  }

  @Test(
    "wrong usage is said before anything is done",
    arguments: [
      (["--levels", "words"], "--levels"), (["export"], "--npy"),
      (["--encoder", "word2vec"], "--encoder"), (["neighbours", "x", "--count", "0"], "--count"),
      (["neighbours", " "], "text is empty"),
      (["info", "--key", "none"], "embed first"),
    ] as [([String], String)])
  func wrongUsage(arguments: [String], mention: String) throws {
    let folder = try TemporaryFolder()
    let workspace = folder.file("w")
    try FileManager.default.createDirectory(at: workspace, withIntermediateDirectories: true)
    try Data(#"{"format":1,"dataset":"d","created":"2026-01-01T00:00:00Z"}"#.utf8)
      .write(to: workspace.appendingPathComponent("workspace.json"))
    let run = try CommandRun.run("embed", arguments + ["--workspace", "w"], in: folder.url)
    #expect(run.exitCode == 64, "\(run.standardError)")
    #expect(run.standardError.contains(mention), "\(run.standardError)")
  }

  @Test("training without features of its encoder says which there are")
  func trainingNeedsFeatures() throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "bert", "--text-model", bert])
    let run = try CommandRun.run(
      "train-dbm", ["--visual", "builtin", "--encoder", "builtin", "--epochs", "1"],
      in: described.folder.url)
    #expect(run.exitCode == 65)
    #expect(run.lastError.contains("no text features of builtin hashed-ngrams-v1"))
    #expect(run.lastError.contains("bert bert"))
  }

  /// The record of the only training run.
  private struct TrainingRecord: Decodable {
    struct Encoder: Decodable { var kind: String, model: String }
    var descriptionEncoder: Encoder
    var labelEncoder: Encoder
    var textFeaturesKey: String
    var labelFeaturesKey: String?

    init(in described: Described) throws {
      let runs = described.folder.file("workspaces/clips/runs")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).first)
      self = try JSONDecoder().decode(
        Self.self, from: Data(contentsOf: runs.appendingPathComponent("\(name)/config.json")))
    }
  }

  @Test(
    "the trainer takes class prompts from where embed put them, and encodes only the others",
    arguments: [true, false])
  func classPrompts(areStored: Bool) throws {
    let described = try Described()
    let server = try TextHashServer.start(delayMicroseconds: 0)
    defer { server.stop() }
    // Descriptions over the limit of the tokenizer, so that it decides the vectors too.
    let encoder = ["--encoder", server.base, "--tokenizer", bert]
    _ = try described.embed(encoder + ["--levels", areStored ? "whole,classes" : "whole"])
    let before = TextHashServer.asked(server).count
    let run = try CommandRun.run(
      "train-dbm", ["--visual", "builtin", "--epochs", "1"] + encoder, in: described.folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let prompts = TextHashServer.asked(server).dropFirst(before).filter {
      $0.hasPrefix("a video of")
    }
    #expect(prompts.isEmpty == areStored, "\(prompts)")
    #expect(run.standardError.contains("class prompts: 2 from") == areStored)
    let record = try TrainingRecord(in: described)
    #expect(record.labelFeaturesKey == (areStored ? record.textFeaturesKey : nil))
    #expect(record.labelEncoder.kind == "http")
  }

  @Test("labels and descriptions may come from different encoders, and the run names both")
  func twoEncoders() throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "bert", "--text-model", bert])
    let run = try CommandRun.run(
      "train-dbm",
      [
        "--visual", "builtin", "--encoder", "bert", "--text-model", bert, "--label-encoder",
        "builtin", "--epochs", "1",
      ], in: described.folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let record = try TrainingRecord(in: described)
    #expect(record.descriptionEncoder.kind == "bert" && record.labelEncoder.kind == "builtin")
    #expect(record.textFeaturesKey.hasPrefix("bert-bert-"))
  }

  @Test("labels may come from a server of their own, with its model and tokenizer")
  func labelsOfAServer() throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "builtin"])
    let server = try TextHashServer.start(delayMicroseconds: 0)
    defer { server.stop() }
    func train(model: String) throws -> CommandRun {
      try CommandRun.run(
        "train-dbm",
        [
          "--visual", "builtin", "--encoder", "builtin", "--epochs", "1", "--label-encoder",
          server.base, "--label-encoder-model", model, "--label-tokenizer", bert,
        ], in: described.folder.url)
    }
    let unknown = try train(model: "other")
    #expect(unknown.exitCode == 64 && unknown.lastError.contains("--label-encoder-model"))
    let run = try train(model: "fake")
    #expect(run.exitCode == 0, "\(run.standardError)")
    let record = try TrainingRecord(in: described)
    #expect(record.descriptionEncoder.kind == "builtin" && record.labelEncoder.kind == "http")
    #expect(record.labelEncoder.model == "fake")
    #expect(TextHashServer.asked(server).contains { $0.hasPrefix("a video of") })
  }

  @Test(
    "label options that would be ignored are refused by their own names",
    arguments: [
      (["--label-tokenizer", "x"], "without a server in --label-encoder"),
      (["--label-encoder", "builtin", "--label-encoder-model", "m"], "--label-encoder-model"),
      (["--label-encoder", "bert"], "no --label-model"),
      (["--label-encoder", "builtin", "--label-model", "m"], "--label-model with"),
    ] as [([String], String)])
  func wrongLabelOptions(arguments: [String], mention: String) throws {
    let described = try Described()
    _ = try described.embed(["--encoder", "builtin"])
    let run = try CommandRun.run(
      "train-dbm", ["--visual", "builtin", "--encoder", "builtin", "--epochs", "1"] + arguments,
      in: described.folder.url)
    #expect(run.exitCode == 64, "\(run.standardError)")
    #expect(run.lastError.contains(mention), "\(run.standardError)")
  }
}
