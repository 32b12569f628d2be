import Foundation
import Tensors
import TestSupport
import Testing
import Video

/// `kess encode` against infinity on the same (tiny, random) CLIP weights: an
/// implementation that neither the encoder nor its golden files had a part in.
/// `make test-servers` starts the server.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["KESS_CLIP_SERVER"] != nil))
struct RealCLIPServerTests {
  private static let environment = ProcessInfo.processInfo.environment

  private struct Answer: Decodable {
    struct Row: Decodable { var embedding: [Float] }
    var data: [Row]
  }

  private struct Question: Encodable {
    var model: String
    var input: [String]
    var modality: String
  }

  /// What the server says; its vectors have length 1.
  private func ask(_ input: [String], modality: String, in folder: TemporaryFolder) throws
    -> [[Float]]
  {
    var rows: [[Float]] = []
    for start in stride(from: 0, to: input.count, by: 16) {
      let question = Question(
        model: Self.environment["KESS_CLIP_SERVER_MODEL"] ?? "tiny-clip",
        input: Array(input[start..<min(start + 16, input.count)]), modality: modality)
      try JSONEncoder().encode(question).write(to: folder.file("question.json"))
      let base = try #require(Self.environment["KESS_CLIP_SERVER"])
      let run = try CommandRun.run(
        "/usr/bin/curl",
        [
          "--silent", "--show-error", "--fail-with-body", "--max-time", "60", "--header",
          "Content-Type: application/json", "--data", "@question.json", "\(base)/embeddings",
        ], in: folder.url)
      try #require(run.exitCode == 0, "\(run.standardOutput) \(run.standardError)")
      rows += try JSONDecoder().decode(Answer.self, from: Data(run.standardOutput.utf8)).data
        .map(\.embedding)
    }
    return rows
  }

  private func unit(_ tensor: Tensor<Float>) -> [[Float]] {
    (0..<tensor.shape[0]).map { index in
      let row = tensor[row: index].scalars
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / norm }
    }
  }

  private func local(_ arguments: [String], in folder: TemporaryFolder) throws -> [[Float]] {
    let weights = try #require(Self.environment["KESS_CLIP_SERVER_WEIGHTS"])
    let run = try CommandRun.run(
      "kess", ["encode", "--clip-model", weights, "--out", "rows.npy"] + arguments, in: folder.url)
    try #require(run.exitCode == 0, "\(run.standardError)")
    return unit(try Npy.read(folder.file("rows.npy")))
  }

  @Test func textsAgree() throws {
    let folder = try TemporaryFolder()
    // Short ones: of a 33-token text infinity 0.0.78 answers something else than
    // transformers 4.47 under it does, of a 20-token one the same.
    let words = ["a fight", "cars", "NIGHT", "smoke!", "nobody", "it's 7", "ünï"]
    let texts = (0..<64).map { "\(words[$0 % 7]) \($0 * 13 % 101) \($0 % 5)" }
    let expected = try ask(texts, modality: "text", in: folder)
    let report = CentredEmbeddingCheck(reference: expected)
      .compare(try local(texts.flatMap { ["--text", $0] }, in: folder))
    #expect(report.passes, "\(report)")
  }

  @Test func imagesAgree() throws {
    let folder = try TemporaryFolder()
    var uris: [String] = []
    var names: [String] = []
    for number in 0..<64 {
      var image = RGBImage(
        width: 200 + number * 3, height: 160 + (number * 29) % 130, red: UInt8(number * 3),
        green: UInt8(255 - number * 2), blue: UInt8((number * 53) % 256))
      for place in stride(from: 0, to: image.pixels.count, by: 3) {
        let x = place / 3 % image.width
        let y = place / 3 / image.width
        if (x / (4 + number % 9) + y / (3 + number % 7)) % 2 == 0 {
          image.pixels[place] = UInt8((x * 3 + number * 11) % 256)
          image.pixels[place + 1] = UInt8((y * 2) % 256)
        }
      }
      let data = try JPEGCodec.encode(image, quality: 92)
      names.append("\(number).jpg")
      try data.write(to: folder.file(names[number]))
      uris.append("data:image/jpeg;base64," + data.base64EncodedString())
    }
    let expected = try ask(uris, modality: "image", in: folder)
    let report = CentredEmbeddingCheck(reference: expected)
      .compare(try local(names, in: folder))
    #expect(report.passes, "\(report)")
  }
}
