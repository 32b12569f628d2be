import Foundation
import TestSupport
import Testing
import Training

@Suite struct TrainingLogTests {
  private func metrics(_ step: Int) -> StepMetrics {
    StepMetrics(
      step: step, epoch: 1, learningRate: 0.5, loss: Double(step) + 0.25,
      losses: ["binary": Double(step)], seconds: 0.1)
  }

  @Test("steps are appended; a resumed run keeps those up to its state and drops later ones")
  func steps() throws {
    let folder = try TemporaryFolder()
    do {
      let log = try TrainingLog(folder: folder.url, keepingUpTo: 0)
      for step in 1...4 { try log.append(metrics(step)) }
    }
    #expect(TrainingLog.steps(in: folder.url) == (1...4).map(metrics))
    // A crash in the middle of a line.
    let file = folder.file(TrainingLog.stepsName)
    try (Data(contentsOf: file) + Data("{\"step\":5,\"ep".utf8)).write(to: file)
    #expect(TrainingLog.steps(in: folder.url).count == 4)
    do {
      let log = try TrainingLog(folder: folder.url, keepingUpTo: 2)
      try log.append(metrics(3))
    }
    #expect(TrainingLog.steps(in: folder.url) == (1...3).map(metrics))
    _ = try TrainingLog(folder: folder.url, keepingUpTo: 0)
    #expect(TrainingLog.steps(in: folder.url).isEmpty)
  }

  @Test("a record is its length, its data and both checksums, as TensorFlow writes them")
  func records() {
    // CRC-32C of "123456789" is the check value of its definition (RFC 3720, appendix B.4).
    #expect(TensorBoardEvents.checksum(Data("123456789".utf8)) == 0xE306_9283)
    let record = TensorBoardEvents.scalars([("loss/total", 0.5)], step: 3, wallTime: 2)
    let data: [UInt8] = [
      0x09, 0, 0, 0, 0, 0, 0, 0, 0x40,  // wall_time: 2
      0x10, 3,  // step
      0x2A, 19, 0x0A, 17,  // summary, value
      0x0A, 10, 0x6C, 0x6F, 0x73, 0x73, 0x2F, 0x74, 0x6F, 0x74, 0x61, 0x6C,  // tag
      0x15, 0, 0, 0, 0x3F,  // simple_value: 0.5
    ]
    #expect(Array(record.prefix(8)) == [UInt8(data.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(record.dropFirst(12).prefix(data.count)) == data)
    #expect(record.count == 8 + 4 + data.count + 4)
  }

  @Test(
    "tensorboard reads the event file: tags, steps and values",
    .enabled(if: Python.tensorboard != nil))
  func tensorboard() throws {
    let folder = try TemporaryFolder()
    do {
      let log = try TrainingLog(folder: folder.url, keepingUpTo: 0)
      for step in 1...3 { try log.append(metrics(step)) }
      try log.write(
        [
          EpochMetrics(
            epoch: 1, steps: 3, learningRate: 0.5, loss: 2, losses: [:], validationLoss: 0.7,
            validationAUC: 0.75, isBest: true, seconds: 1)
        ], step: 3)
    }
    let script = """
      import sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1])
      events.Reload()
      for tag in sorted(events.Tags()["scalars"]):
          print(tag, [(e.step, round(e.value, 6)) for e in events.Scalars(tag)])
      """
    let output = try Python.run(script, arguments: [folder.url.path], python: Python.tensorboard)
    #expect(
      output.split(separator: "\n").map(String.init) == [
        "learning_rate [(1, 0.5), (2, 0.5), (3, 0.5)]",
        "loss/binary [(1, 1.0), (2, 2.0), (3, 3.0)]",
        "loss/total [(1, 1.25), (2, 2.25), (3, 3.25)]",
        "validation/auc [(3, 0.75)]",
        "validation/loss [(3, 0.7)]",
      ])
  }
}
