import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct BERTTextEncoderTests {
  private let record: GoldenRecord
  private let golden: SafetensorsFile

  init() throws {
    record = try GoldenRecord.read()
    golden = try SafetensorsFile(url: Golden.url("bert-embeddings.safetensors"))
  }

  private func check(_ encoder: BERTTextEncoder, _ name: String) throws
    -> CentredEmbeddingCheck.Report
  {
    CentredEmbeddingCheck(reference: try golden.tensor(name).rowList)
      .compare(try encoder.encodeTexts(record.texts).rowList)
  }

  @Test func sentenceEmbeddingsEqualTheReferenceAboutTheirMean() throws {
    let encoder = try BERTTextEncoder(directory: Golden.url("bert"))
    let report = try check(encoder, "mean_normalized")
    #expect(report.passes, "\(report)")
    #expect(encoder.maximumTokens == 48)
    #expect(encoder.identity.kind == "bert" && encoder.identity.dimension == 32)
  }

  @Test func aPlainCheckpointGivesTheMeanUnnormalised() throws {
    let folder = try ModelFolder.copy(of: "bert", omitting: ["modules.json"])
    let report = try check(try BERTTextEncoder(directory: folder.url), "mean")
    #expect(report.passes, "\(report)")
    let wrong = try check(try BERTTextEncoder(directory: folder.url), "cls")
    #expect(wrong.failingRows.count == record.texts.count)
  }

  @Test(arguments: [
    #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#,
    #"{"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": true}"#,
  ])
  func theFirstTokenIsTakenWhereThePoolingSaysSo(pooling: String) throws {
    let folder = try ModelFolder.copy(
      of: "bert", omitting: ["1_Pooling"],
      replacing: [
        "modules.json": Data(
          """
          [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
           {"idx": 1, "path": "Pool", "type": "sentence_transformers.models.Pooling"}]
          """.utf8)
      ])
    try FileManager.default.createDirectory(
      at: folder.file("Pool"), withIntermediateDirectories: true)
    try Data(pooling.utf8).write(to: folder.file("Pool/config.json"))
    let report = try check(try BERTTextEncoder(directory: folder.url), "cls")
    #expect(report.passes, "\(report)")
  }

  @Test(arguments: ["bert.", "0.auto_model."])
  func weightsUnderAPrefixAreFound(prefix: String) throws {
    let file = try SafetensorsFile(url: Golden.url("bert/model.safetensors"))
    let folder = try ModelFolder.copy(of: "bert", omitting: ["model.safetensors"])
    try Safetensors.write(
      try file.names.map { (prefix + $0, try file.tensor($0)) },
      to: folder.file("model.safetensors"))
    let report = try check(try BERTTextEncoder(directory: folder.url), "mean_normalized")
    #expect(report.passes, "\(report)")
  }

  @Test func onlyTheTextWithAChangedWordFailsTheCheck() throws {
    var texts = record.texts
    let index = try #require(texts.firstIndex(of: "people fighting in a car park"))
    texts[index] = "people fighting in a cat park"
    let encoder = try BERTTextEncoder(directory: Golden.url("bert"))
    let report = CentredEmbeddingCheck(reference: try golden.tensor("mean_normalized").rowList)
      .compare(try encoder.encodeTexts(texts).rowList)
    #expect(report.errors.indices.filter { report.errors[$0] > 1e-4 } == [index], "\(report)")
  }

  @Test(arguments: [
    ("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"mpnet\"", "mpnet"),
    ("config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"swish\"", "swish"),
    ("config.json", "\"vocab_size\": 9", "\"vocab_size\": 8", "largest id"),
    ("modules.json", "models.Normalize", "models.Dense", "Dense"),
  ])
  func aFolderThatCannotBeServedIsRefused(
    file: String, old: String, new: String, mention: String
  ) throws {
    let folder = try ModelFolder.copy(
      of: "bert", replacing: [file: try ModelFolder.edited("bert/\(file)", [(old, new)])])
    let error = #expect(throws: EncoderError.self) { try BERTTextEncoder(directory: folder.url) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: LinearArithmetic.allCases.filter { $0.runs(on: .current) })
  func weightsThatAreNoNumbersAreRefused(arithmetic: LinearArithmetic) throws {
    let folder = try ModelFolder.filled("bert", with: .nan)
    let error = #expect(throws: EncoderError.self) {
      try BERTTextEncoder(directory: folder.url, arithmetic: arithmetic)
    }
    #expect(error?.description.contains("embeddings.word_embeddings.weight' contains NaN") == true)
  }

  @Test func weightsThatOverflowAreRefusedOrLeftToTheCaller() throws {
    let folder = try ModelFolder.filled("bert", with: 1e30)
    let encoder = try BERTTextEncoder(directory: folder.url)
    let error = #expect(throws: EncoderError.self) { try encoder.encodeTexts(["one", "two"]) }
    #expect(error?.description.contains("not finite in f32") == true)
    #expect(try encoder.encodeTexts(["one"]).scalars.contains { !$0.isFinite })
  }
}
