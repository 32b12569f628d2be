import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

/// Where `make minilm` has put all-MiniLM-L6-v2.
enum MiniLM {
  static let folder = URL(
    fileURLWithPath: ProcessInfo.processInfo.environment["KESS_MINILM"] ?? "/nowhere")

  static var isThere: Bool {
    FileManager.default.fileExists(
      atPath: folder.appendingPathComponent("model.safetensors").path)
  }
}

/// The real pretrained weights.
@Suite(.blocking, .enabled(if: MiniLM.isThere))
struct MiniLMTests {
  private let folder: URL
  private let golden: SafetensorsFile
  private let texts: [String]

  init() throws {
    folder = MiniLM.folder
    golden = try SafetensorsFile(url: Golden.url("minilm-embeddings.safetensors"))
    let plain = try GoldenRecord.read().texts
    texts =
      plain + (0..<16).map { plain[$0..<min(plain.count, 5 * $0 + 4)].joined(separator: ". ") }
  }

  @Test("the embeddings are sentence-transformers', on the real weights")
  func theEmbeddings() throws {
    let encoder = try BERTTextEncoder(directory: folder)
    #expect(encoder.maximumTokens == 256)
    // Another copy of the weights would make this test one of something else.
    #expect(encoder.identity.weightsHash == golden.metadata["weights_sha256"])
    let check = CentredEmbeddingCheck(reference: try golden.tensor("embeddings").rowList)
    let report = check.compare(try encoder.encodeTexts(texts).rowList)
    #expect(report.passes, "\(report)")
    #expect(CentredEmbeddingCheck.meanCosine(try golden.tensor("embeddings").rowList) < 0.5)
  }

  @Test("a word changed in one text, or CLS pooling, fails the comparison")
  func theComparisonCanFail() throws {
    let check = CentredEmbeddingCheck(reference: try golden.tensor("embeddings").rowList)
    var changed = texts
    changed[0] = "a photo of a dog"
    let encoder = try BERTTextEncoder(directory: folder)
    let report = check.compare(try encoder.encodeTexts(changed).rowList)
    #expect(report.errors.indices.filter { report.errors[$0] > 1e-4 } == [0])
  }

  @Test(
    "no arithmetic loses more than Documentation/precision.md says",
    arguments: [(LinearArithmetic.f16, 0.01), (.bf16, 0.05), (.int8, 0.15)].filter {
      $0.0.runs(on: .current)
    })
  func precision(arithmetic: LinearArithmetic, bound: Double) throws {
    let check = CentredEmbeddingCheck(reference: try golden.tensor("embeddings").rowList)
    let encoder = try BERTTextEncoder(directory: folder, arithmetic: arithmetic)
    let report = check.compare(try encoder.encodeTexts(texts).rowList)
    let largest = try #require(report.errors.max())
    let mean = report.errors.reduce(0, +) / Double(report.errors.count)
    print("MiniLM in \(arithmetic.rawValue): mean \(mean), \(report)")
    #expect(largest < bound, "\(report)")
    // Another arithmetic than f32 was computed.
    #expect(largest > CentredEmbeddingCheck.tolerance)
    #expect(report.lostNeighbours.count * 100 <= report.errors.count, "\(report)")
  }

  @Test("a thousand hostile strings give the real vocabulary's tokens")
  func theTokens() throws {
    let tokenizer = try WordPieceTokenizer(directory: folder)
    #expect(try HostileStrings.read().differences(tokenizer, \.minilm) == [])
    let counter = try TokenCounter(directory: folder)
    #expect(counter.maximumTokens == 256)
  }
}
