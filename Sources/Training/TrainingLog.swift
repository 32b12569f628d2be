import Foundation
import Records

/// The metrics of a run on disk while it trains: `steps.jsonl`, `metrics.jsonl` and a
/// TensorBoard event file.
///
/// Steps are appended as they end, unflushed: a crash loses a few lines, and a resumed run
/// writes them again. Nothing is ever read from here to continue a run.
package final class TrainingLog {
  package static let stepsName = "steps.jsonl"
  package static let epochsName = "metrics.jsonl"
  package static let eventsName = "events.out.tfevents.0000000000.kess"

  private let folder: URL
  private let steps: FileHandle
  private let events: FileHandle

  /// Opens the files of a run. Of an earlier part of it, the steps up to `step` are kept
  /// and later ones, which will come again, removed.
  package init(folder: URL, keepingUpTo step: Int) throws {
    self.folder = folder
    let kept = step > 0 ? Self.steps(in: folder).filter { $0.step <= step } : []
    var lines = Data()
    var records = TensorBoardEvents.header(wallTime: Date().timeIntervalSince1970)
    for metrics in kept {
      lines += try Self.line(metrics)
      records += Self.event(metrics)
    }
    let (stepsFile, eventsFile) = (
      folder.appendingPathComponent(Self.stepsName), folder.appendingPathComponent(Self.eventsName)
    )
    try AtomicFile.write(lines, to: stepsFile)
    try AtomicFile.write(records, to: eventsFile)
    steps = try FileHandle(forWritingTo: stepsFile)
    events = try FileHandle(forWritingTo: eventsFile)
    try steps.seekToEnd()
    try events.seekToEnd()
  }

  deinit {
    try? steps.close()
    try? events.close()
  }

  package func append(_ metrics: StepMetrics) throws {
    do {
      try steps.write(contentsOf: Self.line(metrics))
      try events.write(contentsOf: Self.event(metrics))
    } catch let error as CocoaError {
      throw RecordError.cannotWrite(
        path: folder.appendingPathComponent(Self.stepsName).path,
        reason: error.localizedDescription)
    }
  }

  /// Rewrites the epochs' file and, for the newest one, adds the validation to the events.
  package func write(_ history: [EpochMetrics], step: Int) throws {
    var lines = Data()
    for epoch in history { lines += try Self.line(epoch) }
    try AtomicFile.write(lines, to: folder.appendingPathComponent(Self.epochsName))
    guard let last = history.last else { return }
    let values = [
      last.validationLoss.map { (tag: "validation/loss", value: $0) },
      last.validationAUC.map { (tag: "validation/auc", value: $0) },
    ].compactMap { $0 }
    guard !values.isEmpty else { return }
    try events.write(
      contentsOf: TensorBoardEvents.scalars(
        values, step: step, wallTime: Date().timeIntervalSince1970))
  }

  /// The steps of a run so far; a line that a crash cut off ends the list.
  package static func steps(in folder: URL) -> [StepMetrics] {
    lines(of: folder.appendingPathComponent(stepsName))
  }

  /// The epochs of a run so far.
  package static func epochs(in folder: URL) -> [EpochMetrics] {
    lines(of: folder.appendingPathComponent(epochsName))
  }

  private static func lines<Value: Decodable>(of url: URL) -> [Value] {
    guard let data = try? Data(contentsOf: url) else { return [] }
    let decoder = JSONDecoder()
    var values: [Value] = []
    for line in data.split(separator: 0x0A) {
      guard let value = try? decoder.decode(Value.self, from: Data(line)) else { break }
      values.append(value)
    }
    return values
  }

  private static func line(_ value: some Encodable) throws -> Data {
    try JSONRecord.encode(value, pretty: false) + [0x0A]
  }

  private static func event(_ metrics: StepMetrics) -> Data {
    let terms = metrics.losses.sorted { $0.key < $1.key }.map {
      (tag: "loss/\($0.key)", value: $0.value)
    }
    return TensorBoardEvents.scalars(
      [("loss/total", metrics.loss)] + terms + [("learning_rate", metrics.learningRate)],
      step: metrics.step, wallTime: Date().timeIntervalSince1970)
  }
}
