import Encoders
import Foundation
import Tensors
import TestSupport
import Testing
import Video

@Suite(.blocking) struct CLIPModelTests {
  private let record: GoldenRecord
  private let golden: SafetensorsFile
  private let model: CLIPModel

  init() throws {
    record = try GoldenRecord.read()
    golden = try SafetensorsFile(url: Golden.url("clip-embeddings.safetensors"))
    model = try CLIPModel(directory: Golden.url("clip"))
  }

  private func imageCheck() throws -> CentredEmbeddingCheck {
    CentredEmbeddingCheck(reference: try golden.tensor("image_embeddings").rowList)
  }

  private func textCheck() throws -> CentredEmbeddingCheck {
    CentredEmbeddingCheck(reference: try golden.tensor("text_embeddings").rowList)
  }

  @Test func imageEmbeddingsEqualTransformersAboutTheirMean() throws {
    let rows = try model.encodeImages(try record.pictures())
    #expect(rows.shape == [64, 24])
    let report = try imageCheck().compare(rows.rowList)
    #expect(report.passes, "\(report)")
  }

  @Test func textEmbeddingsEqualTransformersAboutTheirMean() throws {
    let report = try textCheck().compare(try model.encodeTexts(record.texts).rowList)
    #expect(report.passes, "\(report)")
  }

  @Test(arguments: ["mirrored", "shifted", "blue first"])
  func aPictureHandledWronglyFailsTheSameCheck(mistake: String) throws {
    let change =
      mistake == "mirrored"
      ? PictureChanges.mirrored
      : mistake == "shifted" ? PictureChanges.shifted : PictureChanges.blueFirst
    let rows = try model.encodeImages(try record.pictures().map(change))
    let report = try imageCheck().compare(rows.rowList)
    #expect(report.failingRows.count >= 60, "\(report)")
  }

  @Test func anotherMeanInTheProcessorFailsTheSameCheck() throws {
    let folder = try ModelFolder.copy(
      of: "clip",
      replacing: [
        "preprocessor_config.json": try ModelFolder.edited(
          "clip/preprocessor_config.json",
          [("0.48145466", "0.485"), ("0.4578275", "0.456"), ("0.40821073", "0.406")])
      ])
    let rows = try CLIPModel(directory: folder.url).encodeImages(try record.pictures())
    let report = try imageCheck().compare(rows.rowList)
    #expect(report.failingRows.count == 64, "\(report)")
  }

  @Test func onlyTheTextWithAChangedTokenFailsTheCheck() throws {
    var texts = record.texts
    let index = try #require(texts.firstIndex(of: "people fighting in a car park"))
    texts[index] = "people fighting in a cat park"
    let report = try textCheck().compare(try model.encodeTexts(texts).rowList)
    #expect(report.errors.indices.filter { report.errors[$0] > 1e-4 } == [index], "\(report)")
  }

  @Test func theErrorFunctionAndTheOlderEndTokenRuleAreFollowed() throws {
    let folder = try ModelFolder.copy(
      of: "clip",
      replacing: [
        "config.json": try ModelFolder.edited(
          "clip/config.json",
          [("\"quick_gelu\"", "\"gelu\""), ("\"eos_token_id\": 1013", "\"eos_token_id\": 2")])
      ])
    let other = try CLIPModel(directory: folder.url)
    let images = try other.encodeImages(Array(try record.pictures().prefix(8)))
    let texts = try other.encodeTexts(
      Array(record.texts.prefix(8)) + ["x <|endoftext|> y <|startoftext|>"])
    for (rows, name) in [(images, "gelu_image_embeddings"), (texts, "gelu_text_embeddings")] {
      let expected = try golden.tensor(name)
      #expect(rows.shape == expected.shape)
      let largest = expected.scalars.map(abs).max() ?? 0
      for (value, wanted) in zip(rows.scalars, expected.scalars) {
        #expect(abs(value - wanted) <= 2e-5 * largest, "\(name)")
      }
    }
  }

  @Test func aRowDoesNotDependOnWhatIsEncodedWithIt() throws {
    let pictures = try record.pictures()
    let all = try model.encodeImages(pictures)
    let texts = try model.encodeTexts(record.texts)
    for index in [0, 31, 63] {
      let alone = try model.encodeImages([pictures[index]])
      let text = try model.encodeTexts([record.texts[index]])
      for column in 0..<24 {
        #expect(abs(alone.scalars[column] - all.scalars[index * 24 + column]) < 1e-5)
        #expect(abs(text.scalars[column] - texts.scalars[index * 24 + column]) < 1e-5)
      }
    }
    #expect(try model.encodeImages([]).shape == [0, 24])
    #expect(try model.encodeTexts([]).shape == [0, 24])
  }

  @Test func theIdentityNamesFolderAndWeights() throws {
    let identity = model.identity
    #expect(identity.kind == "clip" && identity.model == "clip" && identity.dimension == 24)
    #expect(identity.weightsHash?.count == 64)
    #expect(model.maximumTokens == 77)
    #expect(try model.tokenCount(of: "") == 2)
  }

  @Test func aMissingOrMisshapenTensorIsNamed() throws {
    let name = "vision_model.encoder.layers.1.mlp.fc2.weight"
    let file = try SafetensorsFile(url: Golden.url("clip/model.safetensors"))
    for change in ["missing", "misshapen"] {
      let folder = try ModelFolder.copy(of: "clip", omitting: ["model.safetensors"])
      var tensors = try file.names.map { ($0, try file.tensor($0)) }
      let index = try #require(tensors.firstIndex { $0.0 == name })
      if change == "missing" {
        tensors.remove(at: index)
      } else {
        tensors[index].1 = tensors[index].1.reshaped([96, 48])
      }
      try Safetensors.write(tensors, to: folder.file("model.safetensors"))
      let error = #expect(throws: EncoderError.self) { try CLIPModel(directory: folder.url) }
      let message = error?.description ?? ""
      #expect(message.contains(name) && message.contains("[48, 96]"), "\(message)")
      #expect(message.contains("[96, 48]") == (change == "misshapen"))
    }
  }

  @Test(arguments: [
    ("config.json", "\"model_type\": \"clip\",", "\"model_type\": \"siglip\",", "siglip"),
    ("config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "multiple"),
    ("config.json", "\"vocab_size\": 1014", "\"vocab_size\": 1000", "largest id"),
    ("config.json", "\"hidden_size\": 48", "\"hidden_size\": -48", "-48"),
    ("preprocessor_config.json", "\"resample\": 3", "\"resample\": 1", "resample 1"),
    ("preprocessor_config.json", "\"height\": 32", "\"height\": 48", "[48, 32]"),
  ])
  func aConfigurationThatCannotBeServedIsRefused(
    file: String, old: String, new: String, mention: String
  ) throws {
    let folder = try ModelFolder.copy(
      of: "clip", replacing: [file: try ModelFolder.edited("clip/\(file)", [(old, new)])])
    let error = #expect(throws: EncoderError.self) { try CLIPModel(directory: folder.url) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: ["config.json", "model.safetensors", "tokenizer.json"])
  func aMissingFileIsNamed(file: String) throws {
    let folder = try ModelFolder.copy(of: "clip", omitting: [file, "vocab.json"])
    let error = #expect(throws: EncoderError.self) { try CLIPModel(directory: folder.url) }
    #expect(error?.description.contains(file) == true, "\(error?.description ?? "")")
  }

  @Test func weightsThatAreNoNumbersAreRefused() throws {
    let folder = try ModelFolder.filled("clip", with: .nan)
    let error = #expect(throws: EncoderError.self) { try CLIPModel(directory: folder.url) }
    #expect(error?.description.contains("contains NaN") == true)
  }

  @Test func weightsThatOverflowAreRefused() throws {
    let folder = try ModelFolder.filled("clip", with: 1e30)
    let broken = try CLIPModel(directory: folder.url)
    for encode in [
      { try broken.encodeImages([record.pictures()[0]]) },
      { try broken.encodeTexts(["a fire", "a car"]) },
    ] {
      let error = #expect(throws: EncoderError.self) { try encode() }
      #expect(error?.description.contains("not finite in f32") == true)
    }
  }
}
