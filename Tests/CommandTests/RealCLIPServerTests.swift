import Foundation
import Tensors
import TestSupport
import Testing
import Video

/// `kess encode --encoder` against infinity or vLLM on the same (tiny, random) CLIP
/// weights: implementations that neither the encoder nor its golden files had a
/// part in. `make test-servers` starts the servers.
@Suite(
  "Real CLIP servers",
  .enabled(if: ProcessInfo.processInfo.environment["KESS_CLIP_SERVER"] != nil),
  .blocking)
struct RealCLIPServerTests {
  private static let environment = ProcessInfo.processInfo.environment

  /// The rows of `kess encode`, brought to length 1 as the servers' are.
  private func encode(_ arguments: [String], in folder: TemporaryFolder) throws -> [[Float]] {
    let run = try CommandRun.run(
      "kess", ["encode", "--out", "rows.npy"] + arguments, in: folder.url)
    try #require(run.exitCode == 0, "\(run.standardError)")
    let tensor = try Npy.read(folder.file("rows.npy"))
    return (0..<tensor.shape[0]).map { index in
      let row = tensor[row: index].scalars
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / norm }
    }
  }

  private func server() throws -> [String] {
    ["--encoder", try #require(Self.environment["KESS_CLIP_SERVER"])]
  }

  private func weights() throws -> [String] {
    ["--clip-model", try #require(Self.environment["KESS_CLIP_SERVER_WEIGHTS"])]
  }

  private var isVLLM: Bool { Self.environment["KESS_CLIP_SERVER_BACKEND"] == "vllm" }

  private func compare(_ items: [String], with more: [String] = [], in folder: TemporaryFolder)
    throws -> CentredEmbeddingCheck.Report
  {
    CentredEmbeddingCheck(reference: try encode(weights() + items, in: folder))
      .compare(try encode(server() + more + items, in: folder))
  }

  @Test("texts get the local encoder's embeddings")
  func texts() throws {
    // Short ones: of a 33-token text infinity 0.0.78 answers something else than
    // transformers 4.47 under it does, of a 20-token one the same.
    let words = ["a fight", "cars", "NIGHT", "smoke!", "nobody", "it's 7", "ünï"]
    let texts = (0..<64).map { "\(words[$0 % 7]) \($0 * 13 % 101) \($0 % 5)" }
    let report = try compare(texts.flatMap { ["--text", $0] }, in: TemporaryFolder())
    #expect(report.passes, "\(report)")
  }

  @Test("texts longer than the model are cut as the local encoder cuts them")
  func longTexts() throws {
    guard isVLLM else { return }
    let texts = (0..<64).map { number in
      String(repeating: "\(number * 7919 % 1000) cars pass by, ", count: 3 + number % 9)
    }
    let report = try compare(texts.flatMap { ["--text", $0] }, in: TemporaryFolder())
    #expect(report.passes, "\(report)")
  }

  @Test("pictures sent as PNG get the local encoder's embeddings; as JPEG they do not")
  func pictures() throws {
    let folder = try TemporaryFolder()
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
      names.append("\(number).jpg")
      try JPEGCodec.encode(image, quality: 92).write(to: folder.file(names[number]))
    }
    let report = try compare(names, in: folder)
    #expect(report.passes, "\(report)")
    let lossy = try compare(names, with: ["--encoder-pictures", "jpeg"], in: folder)
    #expect(!lossy.passes, "\(lossy)")
    // The figures that the documentation gives.
    print("\(isVLLM ? "vLLM" : "infinity"): png \(report); jpeg \(lossy)")
  }

  @Test("a video's key frames are those of the local encoder, and the record names the server")
  func selection() throws {
    let folder = try TemporaryFolder()
    var scene = MovingScene(seed: 3)
    scene.level = 90
    let writer = try VideoWriter(
      path: folder.file("a.mp4").path, width: scene.width, height: scene.height,
      frameRate: 10)
    for frame in 0..<120 {
      let square = MovingScene.Square(x: Double(frame), y: 30, side: Double(20 + frame / 4))
      try writer.append(
        RGBImage(
          width: scene.width, height: scene.height,
          pixels: scene.pixels(frame < 40 ? [] : [square], frame: frame)))
    }
    try writer.finish()
    var frames: [String] = []
    for (name, arguments) in [("local", try weights()), ("server", try server())] {
      let run = try CommandRun.run(
        "kess",
        ["select", "a.mp4", "--query", "a white square", "--out", name, "--json"] + arguments,
        in: folder.url)
      try #require(run.exitCode == 0, "\(run.standardError)")
      let record = try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8))
      let chosen = (record as? [String: Any])?["frames"] as? [[String: Any]]
      frames.append("\(try #require(chosen).compactMap { $0["frameIndex"] as? Int })")
      #expect(run.standardOutput.contains("\"http\"") == (name == "server"))
    }
    #expect(frames[0] == frames[1])
  }
}
