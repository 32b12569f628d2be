import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite struct ONNXExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Checks every .onnx of a folder with onnx, runs it on every features.<n>.npy, and writes
  /// <model>.<n>.<output>.npy.
  private static let script = """
    import glob, os, sys
    import numpy, onnx, onnxruntime
    folder = sys.argv[1]
    for path in sorted(glob.glob(folder + "/*.onnx")):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        with open(path, "rb") as file:
            assert file.read() == model.SerializeToString(), "other bytes than onnx writes"
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        name = os.path.basename(path)[:-5]
        for file in glob.glob(folder + "/features.*.npy"):
            n = file.split(".")[-2]
            outputs = session.run(None, {"features": numpy.load(file)})
            for output, value in zip(session.get_outputs(), outputs):
                numpy.save(f"{folder}/{name}.{n}.{output.name}.npy", value)
        try:
            session.run(None, {"features": numpy.zeros((257, 24), "float32")})
            print(name, "takes more")
        except Exception:
            print(name, "refuses more")
    """

  private static let lengths = [1, 2, 7, 64, 255, 256]

  /// The greatest difference over the greatest number.
  private func difference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    let gap = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    return gap.isFinite ? gap / (b.map(abs).max() ?? 1) : .infinity
  }

  /// Each number of [n, C] less that of the row's first column.
  private func relative(_ rows: Tensor<Float>, _ function: (Float) -> Float) -> [Float] {
    let columns = rows.shape[1]
    return rows.scalars.indices.map {
      function(rows.scalars[$0]) - function(rows.scalars[$0 / columns * columns])
    }
  }

  private func compare(_ models: [ExportedModel]) throws {
    var generator = SeededGenerator(seed: 11)
    for model in models {
      try DetectorExport(model.checkpoint).write(
        .onnx, to: folder.file(model.name + ".onnx"), program: "test")
    }
    var videos: [Int: Tensor<Float>] = [:]
    for length in Self.lengths {
      let features = ExportedModel.features(length, &generator)
      try Npy.write(features, to: folder.file("features.\(length).npy"))
      videos[length] = features
    }
    let answers = try Python.run(
      Self.script, arguments: [folder.url.path], python: Python.onnxruntime)
    for model in models {
      // Models with a position for each snippet cannot see more than they have.
      let takesMore = model.name.hasPrefix("dbvad") || model.name == "mgte.no-temporal"
      #expect(answers.contains("\(model.name) \(takesMore ? "takes" : "refuses") more\n"))
      let detector = try model.checkpoint.model()
      for (length, features) in videos {
        let subject = Comment(rawValue: "\(model.name) of \(length) snippets")
        let scores = try detector.scores(features)
        func found(_ output: String) throws -> [Float] {
          try Npy.read(folder.file("\(model.name).\(length).\(output).npy")).scalars
        }
        #expect(difference(try found("logits"), scores.logits) < 1e-5, subject)
        let wanted =
          model.checkpoint.record.calibration?.scores(of: scores) ?? scores.anomaly
        // Where all scores are nearly 0, their logits alone tell more than 1e-5 of the range.
        let given = try found("scores")
        #expect(given.count == wanted.count, subject)
        #expect(zip(given, wanted).allSatisfy { abs($0 - $1) < 1e-5 }, subject)
        if let classes = scores.classes {
          let logits = try Npy.read(folder.file("\(model.name).\(length).class_logits.npy"))
          #expect(logits.shape == classes.shape, subject)
          // Only their differences count in the softmax; small shares keep them exact.
          #expect(
            difference(relative(logits) { $0 }, relative(classes, Float.logarithm)) < 1e-5, subject)
        }
      }
    }
  }

  @Test(
    "onnxruntime gives what detect gives: every family and preset, 1 to 256 snippets",
    .enabled(if: Python.onnxruntime != nil), .blocking)
  func everyPreset() throws {
    try compare(ExportedModel.names.map { try ExportedModel($0, in: folder.url) })
  }

  @Test(
    "calibrated scores and the share of what was learned are in the graph",
    .enabled(if: Python.onnxruntime != nil), .blocking)
  func calibrated() throws {
    var calibration = ScoreCalibration(
      (0..<20).map { .init(logit: Float($0) / 4, isAnomalous: $0 % 3 == 1) }, folds: 4)
    calibration.learnedShare = 0.25
    #expect(abs(calibration.slope - 1) > 0.1)
    try compare(
      ["dbvad.builtin", "vadclip.builtin", "vadclip.ucf"].map {
        try ExportedModel($0, calibration: calibration, in: folder.url)
      })
  }
}
