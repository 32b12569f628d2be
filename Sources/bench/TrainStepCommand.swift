import ArgumentParser
import CKeptMemory
import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// Training steps at the size of UCF-Crime, on random features.
struct TrainStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Seconds, processor seconds, page faults and peak memory of training steps.")

  @Option(help: "A detector of the registry.")
  var model: String = "dbvad"

  @Option(help: "A preset; empty for the first.")
  var preset: String = ""

  @Option(help: "Videos a step.")
  var batch: Int = 128

  @Option(help: "Steps; the first warms up.")
  var steps: Int = 3

  @Option(help: "tape or video.")
  var engine: String = "video"

  @Option(help: "f32, or bf16 for the products of the engine video.")
  var precision: String = "f32"

  @Option(help: "Threads.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "A file with a length a line, taken in turn; without it all are full.")
  var lengths: String?

  func run() throws {
    MatrixThreads.set(threads)
    let inputs = DetectorInputs(classes: (0..<14).map { "class\($0)" })
    let family = try DetectorRegistry.standard.family(model)
    let plan = try family.plan(preset: preset, hasBuiltInFeatures: false, inputs: inputs)
    var generator = SeededGenerator(seed: 1)
    func random(_ shape: [Int]) -> Tensor<Float> {
      Tensor(shape: shape) { numbers in
        for index in numbers.indices { numbers[index] = Float(generator.nextUniform() - 0.5) }
      }
    }
    let labels = random([14, 512])
    let started = Timings.Clock.wall.seconds
    let network = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs, labels: .fixed(labels),
      generator: &generator)
    network.engine = DetectorEngine(rawValue: engine) ?? .video
    network.library = try ProductPrecision(rawValue: precision)?.library()
    let parameters = network.namedParameters.map(\.variable)
    print(
      String(
        format: "%@: %d parameters, initialised in %.2f s", plan.variant, network.parameterCount,
        Timings.Clock.wall.seconds - started))
    let rows = try drawnLengths(maximum: plan.inputs.maximumSnippets)
    var features = random([batch, plan.inputs.maximumSnippets, 512])
    for (row, length) in rows.enumerated() {
      let start = row * plan.inputs.maximumSnippets * 512
      for index in length * 512..<plan.inputs.maximumSnippets * 512 {
        features.scalars[start + index] = 0
      }
    }
    let data = DetectorBatch<Float>(
      features: features, lengths: rows,
      targets: Tensor(shape: [batch], scalars: (0..<batch).map { $0 < batch / 2 ? 0 : 1 }),
      classIndices: (0..<batch).map { [$0 < batch / 2 ? 0 : 1 + $0 % 13] },
      describedRows: plan.usesDescriptions ? Array(0..<batch) : [],
      descriptions: plan.usesDescriptions ? random([batch, 512]) : nil)
    var optimizer = AdamW(parameters, learningRate: 2e-5)
    for step in 0..<steps {
      let before = Usage.now
      let loss = network.losses(data).total()
      let value = loss?.item ?? .nan
      let forward = Usage.now
      loss?.backward()
      let backward = Usage.now
      optimizer.step()
      network.commitBuffers()
      let after = Usage.now
      print(
        String(
          format: "%@ batch %d threads %d step %d: %.3f s (forward %.3f, backward %.3f, update "
            + "%.3f), user %.2f, system %.2f, faults %d, peak %d MB, loss %.5f",
          plan.variant, batch, threads, step, after.wall - before.wall,
          forward.wall - before.wall, backward.wall - forward.wall, after.wall - backward.wall,
          after.user - before.user, after.system - before.system, after.faults - before.faults,
          after.peak, Double(value)))
      if let operations = network.operations {
        print(
          String(
            format: "  products %.1f GFLOP, %.0f GFLOP/s over the step", Double(operations) / 1e9,
            Double(operations) / 1e9 / (after.wall - before.wall)))
      }
    }
  }

  private func drawnLengths(maximum: Int) throws -> [Int] {
    guard let lengths else { return Array(repeating: maximum, count: batch) }
    let all = try String(contentsOfFile: lengths, encoding: .utf8).split(separator: "\n")
      .compactMap { Int($0) }
    guard !all.isEmpty else { throw ValidationError("\(lengths): no number found") }
    return (0..<batch).map { min(maximum, all[$0 % all.count]) }
  }
}

/// What the process has used so far.
private struct Usage {
  var wall, user, system: Double
  var faults: Int
  /// Megabytes.
  var peak: Int

  static var now: Usage {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
    return Usage(
      wall: Timings.Clock.wall.seconds, user: seconds(usage.ru_utime),
      system: seconds(usage.ru_stime), faults: usage.ru_minflt, peak: usage.ru_maxrss / 1024)
  }
}
