import Detectors
import Foundation
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite(.blocking) struct SnippetRowsTests {
  private let folder: TemporaryFolder
  /// 24 videos, and the same with their features in half-precision files.
  private let memory, stored: [TrainingSample]
  private let settings = TrainingConfiguration(
    epochs: 3, batchSize: 8, learningRate: 1e-3, milestones: [2], inputDropout: 0.1, seed: 3)

  init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    var (memory, stored): ([TrainingSample], [TrainingSample]) = ([], [])
    for (index, sample) in SyntheticVideos(count: 24, seed: 1).samples.enumerated() {
      let rows = try sample.features.tensor()
      var (inMemory, inFile) = (sample, sample)
      if index.isMultiple(of: 2) {
        let url = folder.file("\(sample.videoID).npy")
        try Npy.write(rows, as: .float16, to: url)
        inFile.features = SnippetRows(try #require(try StoredRows(npy: url)))
        inMemory.features = SnippetRows(try Npy.read(url))
      } else {
        let url = folder.file("\(sample.videoID).safetensors")
        try Safetensors.write([("other", rows), ("features", rows)], as: .float16, to: url)
        inFile.features = SnippetRows(
          try #require(try StoredRows(safetensors: url, tensor: "features")))
        inMemory.features = SnippetRows(try SafetensorsFile(url: url).tensor("features"))
      }
      memory.append(inMemory)
      stored.append(inFile)
    }
    (self.memory, self.stored) = (memory, stored)
  }

  private func trainer(_ samples: [TrainingSample], _ sets: [String] = []) throws
    -> DetectorTrainer
  {
    try DetectorTrainer(
      model: try SmallDetector.model(SmallDetector.plan(sets)), configuration: settings,
      samples: samples)
  }

  @Test("features in files train to the same bits as in memory, standardised and shortened too")
  func sameBits() throws {
    for sets in [[], ["standardizesFeatures=true", "maximumSnippets=7"]] {
      let (a, b) = (try trainer(memory, sets), try trainer(stored, sets))
      let (left, right) = (try a.train(), try b.train())
      #expect(left.epochs.map(\.loss) == right.epochs.map(\.loss))
      #expect(
        a.model.namedParameters.map(\.variable.value)
          == b.model.namedParameters.map(\.variable.value))
    }
  }

  @Test("rows are NumPy's for half precision only where that is asked for and stored")
  func halfMeans() throws {
    let (file, floats) = (stored[0].features, memory[0].features)
    let plain = try floats.limited(to: 7).tensor()
    #expect(try file.limited(to: 7).tensor() == plain)
    #expect(try floats.limited(to: 7, roundsHalfMeans: true).tensor() == plain)
    let rounded = try file.limited(to: 7, roundsHalfMeans: true).tensor()
    #expect(rounded != plain && rounded.shape == [7, 32])
    #expect(rounded.scalars.allSatisfy { HalfPrecision.rounded($0) == $0 })
    #expect(file.limited(to: 7).rowCount == 7 && file.fullShape == [15, 32])
    // A later limit does not widen an earlier one.
    #expect(file.limited(to: 7).limited(to: 9).rowCount == 7)
    // The setting reaches the model's batches.
    let whole = try trainer(stored, ["maximumSnippets=7"]).train()
    let other = try trainer(stored, ["maximumSnippets=7", "roundsHalfMeans=true"]).train()
    #expect(whole.epochs.map(\.loss) != other.epochs.map(\.loss))
  }

  @Test("a row range is read alone, and a matrix that is not by rows is not read by them")
  func ranges() throws {
    let rows = try #require(try StoredRows(npy: folder.file("video0.npy")))
    #expect(rows.rowCount == 15 && rows.width == 32 && rows.isHalfPrecision)
    let all = try Npy.read(folder.file("video0.npy"))
    #expect(try rows.read(3..<8) == all[rows: 3..<8])
    #expect(try rows.read(4..<4).shape == [0, 32])
    var data = try Data(contentsOf: folder.file("video0.npy"))
    let place = try #require(data.range(of: Data("'fortran_order': False".utf8)))
    data.replaceSubrange(place, with: Data("'fortran_order': True ".utf8))
    try data.write(to: folder.file("fortran.npy"))
    #expect(try StoredRows(npy: folder.file("fortran.npy")) == nil)
    #expect(throws: TensorError.self) { try StoredRows(npy: folder.file("none.npy")) }
  }

  @Test("a number that is not finite is refused by video, file and row")
  func notFinite() throws {
    let url = folder.file("bad.npy")
    try Npy.write(
      Tensor(shape: [2, 32], scalars: (0..<64).map { $0 == 40 ? .nan : 0 }), as: .float16, to: url)
    var samples = stored
    samples[3].features = SnippetRows(try #require(try StoredRows(npy: url)))
    let error = #expect(throws: DetectorError.self) { try trainer(samples) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("video3") && text.contains(url.path) && text.contains("snippet 1"))
  }

  @Test("a file that changes or goes away in training is named, and the last good step is kept")
  func changes() throws {
    let changes: [(String, (URL) throws -> Void)] = [
      ("goes", { try FileManager.default.removeItem(at: $0) }),
      (
        "changes",
        { try Npy.write(Tensor(shape: [3, 32], repeating: 1), as: .float16, to: $0) }
      ),
    ]
    for (name, change) in changes {
      let url = folder.file("\(name).npy")
      try Npy.write(Tensor(shape: [15, 32], repeating: 0.5), as: .float16, to: url)
      var samples = stored
      for index in stride(from: 0, to: 24, by: 2) {
        samples[index].features = SnippetRows(try #require(try StoredRows(npy: url)))
      }
      let trainer = try trainer(samples)
      let place = DetectorTrainer.Destination(
        folder: folder.file(name), record: try SmallDetector.record(settings))
      let error = #expect(throws: TensorError.self) {
        try trainer.train(
          destination: place,
          onEvent: { event in
            if case .step(let metrics) = event, metrics.step == 4 { try? change(url) }
          })
      }
      #expect(error.map { "\($0)" }?.contains(url.path) == true)
      let step = try #require(try TrainingState.summary(of: place.state)?.step)
      #expect((4...5).contains(step))
      #expect(FileManager.default.fileExists(atPath: place.checkpoint.path))
      // With the file back the run goes on.
      try Npy.write(Tensor(shape: [15, 32], repeating: 0.5), as: .float16, to: url)
      for index in stride(from: 0, to: 24, by: 2) {
        samples[index].features = SnippetRows(try #require(try StoredRows(npy: url)))
      }
      var resumedAt: Int?
      _ = try self.trainer(samples).train(
        destination: place,
        onEvent: { if case .resumed(let step) = $0 { resumedAt = step } })
      #expect(resumedAt == step)
    }
  }

  @Test("thousands of files take no memory and no descriptors between steps")
  func memoryStays() throws {
    // 1,500 files of 256 KiB are 390 MB, as floats 790 MB. XD-Violence has 39,540.
    let count = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1" ? 39_540 : 1500
    let rows = Tensor<Float>(shape: [4096, 32], repeating: 0.25)
    let first = folder.file("many.npy")
    try Npy.write(rows, as: .float16, to: first)
    var samples: [TrainingSample] = []
    for index in 0..<count {
      let url = folder.file("many\(index).npy")
      try FileManager.default.linkItem(at: first, to: url)
      samples.append(
        TrainingSample(
          videoID: "v\(index)", features: SnippetRows(try #require(try StoredRows(npy: url))),
          isAnomalous: index.isMultiple(of: 2), classIndices: [index % 2]))
    }
    let before = try Self.resident()
    let trainer = try DetectorTrainer(
      model: try SmallDetector.model(SmallDetector.plan(["maximumSnippets=8"])),
      configuration: TrainingConfiguration(
        epochs: 1, batchSize: 150, learningRate: 1e-3, milestones: [], seed: 3),
      usesDescriptions: false, samples: samples)
    _ = try trainer.train()
    // Other tests run beside this one.
    #expect(try Self.resident() - before < 300_000_000)
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(descriptors < 500)
  }

  private static func resident() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
      * 1024
  }
}
