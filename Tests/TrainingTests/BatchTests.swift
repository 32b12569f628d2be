import Detectors
import Records
import Tensors
import Testing
import Training

@Suite struct BatchTests {
  @Test("a video that is twice in a batch is described once")
  func duplicates() throws {
    let samples = SyntheticVideos(count: 2, seed: 1).samples
    let model = try SmallDetector.model()
    let batch = try model.batch(
      of: [samples[0], samples[1], samples[0]], usesDescriptions: true)
    #expect(batch.describedRows == [0, 1] && batch.descriptions?.shape == [2, 16])
    #expect(batch.targets.scalars == [0, 1, 0] && batch.lengths == [15, 15, 15])
    #expect(try model.batch(of: samples, usesDescriptions: false).descriptions == nil)
  }

  @Test("an epoch sees every video of the larger side, half of each batch from each side")
  func balanced() throws {
    var batches = try BalancedBatches(
      [true, true, true] + Array(repeating: false, count: 8), batchSize: 4, seed: 1)
    #expect(batches.stepsPerEpoch == 4)
    batches.reshuffle()
    let steps = (0..<4).map { _ in batches.next() }
    #expect(steps.allSatisfy { $0.filter { $0 < 3 }.count == 2 && $0.count == 4 })
    #expect(Set(steps.joined()) == Set(0..<11))
  }

  /// 8,000 normal and 8,100 anomalous samples: VadCLIP's UCF-Crime crops.
  private let crops = Array(repeating: false, count: 8000) + Array(repeating: true, count: 8100)

  private func batches(
    _ isAnomalous: [Bool], _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) throws -> TrainingBatches {
    var configuration = TrainingConfiguration(epochs: 2)
    change(&configuration)
    return try TrainingBatches(isAnomalous, configuration: configuration)
  }

  @Test("UCF-Crime has 127 steps by the larger side, and VadCLIP's 125 by the smaller")
  func epochEnds() throws {
    #expect(try batches(crops).stepsPerEpoch == 127)
    var short = try batches(crops) { $0.epochEnd = .smallerSide }
    #expect(short.stepsPerEpoch == 125)
    for _ in 0..<2 {
      short.reshuffle()
      let seen = (0..<125).flatMap { _ in short.next() }
      // Every normal crop once; of the others what is left over waits for another epoch.
      #expect(Set(seen).count == 16_000 && seen.count == 16_000)
      #expect(Set(seen).isSuperset(of: 0..<8000))
    }
    #expect(try batches([false, true]) { $0.epochEnd = .smallerSide }.stepsPerEpoch == 1)
  }

  @Test("one shuffled stream sees all once an epoch, and its last batch is the rest")
  func shuffled() throws {
    var stream = try batches(Array(crops.prefix(8030))) {
      $0.batches = .shuffled
      $0.batchSize = 96
    }
    #expect(stream.stepsPerEpoch == 84)
    var epochs: [[Int]] = []
    for _ in 0..<2 {
      stream.reshuffle()
      let steps = (0..<84).map { _ in stream.next() }
      #expect(steps.map(\.count) == Array(repeating: 96, count: 83) + [62])
      #expect(Set(steps.joined()).count == 8030)
      epochs.append(Array(steps.joined()))
    }
    #expect(epochs[0] != epochs[1])
    #expect(throws: TrainingError.oneSidedData(normal: 3, anomalous: 0)) {
      try batches([false, false, false]) { $0.batches = .shuffled }
    }
    #expect(throws: DetectorError.self) {
      var configuration = TrainingConfiguration(batches: .shuffled)
      configuration.epochEnd = .smallerSide
      try configuration.validate()
    }
  }

  @Test("held-out videos share no scene with training, and both sides stay in training")
  func validationSplit() {
    let samples = SyntheticVideos(count: 40, seed: 1).samples
    let (training, validation) = ValidationSplit.carve(samples, fraction: 0.2, seed: 7)
    #expect(training.count + validation.count == 40)
    #expect(Set(training.map(\.group)).isDisjoint(with: validation.map(\.group)))
    #expect(validation.filter(\.isAnomalous).count == 4 && validation.count == 8)
    let whole = samples.map { sample in
      var sample = sample
      sample.group = "one scene"
      return sample
    }
    #expect(ValidationSplit.carve(whole, fraction: 0.5, seed: 7).validation.isEmpty)
  }
}
