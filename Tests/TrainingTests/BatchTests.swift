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
    let batch = model.batch(
      of: [samples[0], samples[1], samples[0]], usesDescriptions: true)
    #expect(batch.describedRows == [0, 1] && batch.descriptions?.shape == [2, 16])
    #expect(batch.targets.scalars == [0, 1, 0] && batch.lengths == [15, 15, 15])
    #expect(model.batch(of: samples, usesDescriptions: false).descriptions == nil)
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
