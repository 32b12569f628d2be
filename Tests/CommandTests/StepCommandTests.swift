import Foundation
import Records
import Synchronization
import Tensors
import TestSupport
import Testing

/// `train-dbm step`: one step, and an order of steps, on tensors of files.
@Suite(.blocking) struct StepCommandTests {
  private static let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A batch of random videos, half of them normal.
  private func writeBatch(
    _ name: String = "batch.safetensors", videos: Int = 6, steps: Int = 20, width: Int = 16,
    change: (inout [(String, Tensor<Float>)]) -> Void = { _ in }
  ) throws {
    var generator = SeededGenerator(seed: 5)
    func random(_ shape: [Int]) -> Tensor<Float> {
      Tensor(
        shape: shape,
        scalars: (0..<shape.reduce(1, *)).map { _ in Float(generator.nextNormal()) })
    }
    var labels = Tensor<Float>(shape: [videos, 3])
    for row in 0..<videos { labels.scalars[row * 3 + row % 2 * (1 + row % 4 / 2)] = 1 }
    var tensors = [
      ("features", random([videos, steps, width])),
      (
        "lengths",
        Tensor(shape: [videos], scalars: (0..<videos).map { Float(steps - 2 * ($0 % 4)) })
      ),
      ("labels", labels), ("descriptions", random([videos, 12])),
      ("class_embeddings", random([3, 10])),
    ]
    change(&tensors)
    try Safetensors.write(tensors, to: folder.file(name))
  }

  private func step(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(
      "train-dbm", ["step", "--batch", "batch.safetensors"] + arguments, in: folder.url)
  }

  private static let small = ["--set", "modelWidth=16"]

  @Test(
    "both engines write the same logits, losses, gradients and buffers",
    arguments: ["dbvad", "vadclip", "mgte", "clipfusion"])
  func engines(model: String) throws {
    try writeBatch()
    for engine in ["tape", "video"] {
      let run = try step(
        Self.small + ["--model", model, "--engine", engine, "--out", "\(engine).safetensors"])
      #expect(run.exitCode == 0, "\(run.standardError)")
      #expect(run.standardOutput.contains("binary: "))
    }
    let tape = try SafetensorsFile(url: folder.file("tape.safetensors"))
    let video = try SafetensorsFile(url: folder.file("video.safetensors"))
    #expect(tape.names.sorted() == video.names.sorted())
    #expect(tape.shape(of: "logits") == [6, 20])
    #expect((tape.shape(of: "class_logits") == [6, 20, 3]) == (model != "dbvad"))
    let buffers = tape.names.filter { $0.hasPrefix("buffer.") }
    #expect(buffers.count == (model == "clipfusion" ? 6 : 0))
    let gradients = tape.names.filter { $0.hasPrefix("gradient.") }
    #expect(gradients.count > 20)
    for name in gradients + buffers + ["loss.total"] {
      let (a, b) = (try tape.tensor(name).scalars, try video.tensor(name).scalars)
      let length = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let gap = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      // Batch normalization takes the biases before it off again: their gradients are rounding.
      let isRounding = name.contains("spatial_attention") && name.hasSuffix(".bias")
      #expect(gap <= max(1e-4 * length, isRounding ? 3e-6 : 1e-10), "\(name)")
    }
  }

  @Test("an order of batches trains: losses as JSON, and weights that go on")
  func order() throws {
    try writeBatch()
    try Data("[[0, 1, 2, 3], [2, 3, 4, 5], [0, 1, 4, 5]]".utf8)
      .write(to: folder.file("order.json"))
    let arguments =
      Self.small + [
        "--learning-rate", "0.01", "--order", "order.json", "--trained", "w.safetensors",
      ]
    let run = try step(arguments + ["--out", "losses.json"])
    #expect(run.exitCode == 0, "\(run.standardError)")
    let losses = try JSONDecoder().decode(
      [Double].self, from: Data(contentsOf: folder.file("losses.json")))
    #expect(losses.count == 3 && losses.allSatisfy(\.isFinite))
    let later = try step(Self.small + ["--weights", "w.safetensors", "--out", "later.safetensors"])
    #expect(later.exitCode == 0, "\(later.standardError)")
    let normalized = ["--model", "clipfusion", "--set", "modelWidth=16"]
    let trained = try step(
      normalized + ["--order", "order.json", "--trained", "c.safetensors", "--out", "c.json"])
    #expect(trained.exitCode == 0, "\(trained.standardError)")
    let counter = "gam.spatial_attention.4.num_batches_tracked"
    let weights = try SafetensorsFile(url: folder.file("c.safetensors"))
    #expect(try weights.tensor(counter).scalars == [3])
    let next = try step(normalized + ["--weights", "c.safetensors", "--out", "next.safetensors"])
    #expect(next.exitCode == 0, "\(next.standardError)")
    let result = try SafetensorsFile(url: folder.file("next.safetensors"))
    #expect(try result.tensor("buffer." + counter).scalars == [4])
    try Data("[[0, 9]]".utf8).write(to: folder.file("order.json"))
    let refused = try step(arguments + ["--out", "losses.json"])
    #expect(refused.exitCode == 65)
    #expect(refused.standardError.contains("expected rows from 0 to 5"))
  }

  @Test("bfloat16 products, where the processor has them; else a refusal that says so")
  func precision() throws {
    try writeBatch(width: 32)
    let arguments = [
      "--set", "precision=bf16", "--set", "modelWidth=32", "--out", "out.safetensors",
    ]
    let hidden = try CommandRun.run(
      "train-dbm", ["step", "--batch", "batch.safetensors"] + arguments, in: folder.url,
      environment: ["KESS_MAX_ISA": "avx2"])
    #expect(hidden.exitCode == 64)
    #expect(hidden.standardError.contains("which has no avx512_bf16"), "\(hidden.standardError)")
    let tape = try step(arguments + ["--engine", "tape"])
    #expect(tape.exitCode == 64 && tape.standardError.contains("f32 with engine=tape"))
    guard ProductLibrary.canRoundToBF16 else { return }
    let run = try step(arguments)
    #expect(run.exitCode == 0, "\(run.standardError)")
  }

  @Test("what is missing or does not fit is named with file, tensor and shape")
  func refused() throws {
    func errors(_ change: (inout [(String, Tensor<Float>)]) -> Void) throws -> String {
      try writeBatch(change: change)
      let run = try step(Self.small + ["--out", "out.safetensors"])
      #expect(run.exitCode == 65)
      #expect(run.standardError.contains("batch.safetensors"))
      return run.standardError
    }
    #expect(try errors { $0.removeAll { $0.0 == "labels" } }.contains("'labels': found none"))
    #expect(
      try errors { $0[1].1.scalars[0] = 21 }.contains("'lengths'"))
    #expect(try errors { $0[0].1.scalars[7] = .nan }.contains("non-finite number at index 7"))
    #expect(
      try errors { $0[2].1 = Tensor(shape: [6, 3]) }.contains("no class in row 0"))
    try writeBatch()
    try Safetensors.write(
      [("stray", Tensor<Float>(shape: [2]))], to: folder.file("weights.safetensors"))
    let run = try step(
      Self.small + ["--weights", "weights.safetensors", "--out", "out.safetensors"])
    #expect(run.exitCode == 65 && run.standardError.contains("'stray'"))
    let usage = try step(["--trained", "w.safetensors", "--out", "out.safetensors"])
    #expect(usage.exitCode == 64)
  }

  /// In `make test` a few seconds of a small model; in `make soak` an hour of VadCLIP at 32 videos
  /// of 256 snippets of 512.
  @Test("steps at full load take no more memory as they go on")
  func flatMemory() throws {
    let hour = 3600.0
    let (videos, length, width) = Self.isSoak ? (32, 256, 512) : (8, 32, 32)
    try writeBatch(videos: videos, steps: length, width: width)
    let rows = "[" + (0..<videos).map(String.init).joined(separator: ",") + "]"
    let steps = Self.isSoak ? 20_000 : 400
    try Data(("[" + Array(repeating: rows, count: steps).joined(separator: ",") + "]").utf8)
      .write(to: folder.file("order.json"))
    let samples = Mutex<[Int]>([])
    let isSoak = Self.isSoak
    _ = try CommandRun.run(
      "train-dbm",
      [
        "step", "--batch", "batch.safetensors", "--model", "vadclip", "--order", "order.json",
        "--out", "losses.json", "--set", "modelWidth=\(width)",
      ], in: folder.url
    ) { process in
      let start = ContinuousClock.now
      while process.isRunning {
        if let size = Self.residentKibibytes(process.processIdentifier) {
          samples.withLock { $0.append(size) }
        }
        usleep(isSoak ? 10_000_000 : 20_000)
        if isSoak, ContinuousClock.now - start > .seconds(hour) {
          kill(process.processIdentifier, SIGKILL)
          return
        }
      }
    }
    let sizes = samples.withLock { $0 }
    try #require(sizes.count > 4, "\(sizes)")
    let settled = sizes[sizes.count / 2..<sizes.count * 9 / 10]
    let (least, most) = (settled.min() ?? 0, settled.max() ?? 0)
    #expect(Double(most) <= 1.05 * Double(least) + 4096, "\(sizes)")
  }

  private static func residentKibibytes(_ process: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS") })
    else { return nil }
    return line.split(separator: " ").compactMap { Int($0) }.first
  }
}
