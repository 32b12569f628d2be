import Records

/// An endless order of n samples, reshuffled each time all were seen.
struct BatchStream {
  private let indices: [Int]
  private var order: [Int] = []
  private var generator: SeededGenerator

  init(_ indices: [Int], generator: SeededGenerator) {
    self.indices = indices
    self.generator = generator
  }

  var count: Int { indices.count }

  /// Starts a new order.
  mutating func reshuffle() {
    order = indices.shuffled(using: &generator)
  }

  mutating func next(_ count: Int) -> [Int] {
    (0..<count).map { _ in
      if order.isEmpty { reshuffle() }
      return order.removeLast()
    }
  }
}

/// The batches of VadCLIP's UCF-Crime training: half from the normal videos, half
/// from the anomalous, each stream reshuffled every epoch; the smaller cycles. An
/// epoch sees all of the larger.
///
/// A side with fewer videos than half a batch gives all of its own once a batch.
package struct BalancedBatches {
  private var normal: BatchStream
  private var anomalous: BatchStream
  private let normalShare: Int
  private let anomalousShare: Int
  /// How many batches an epoch has.
  package let stepsPerEpoch: Int

  /// - Throws: `TrainingError.oneSidedData` where one side is empty.
  package init(_ isAnomalous: [Bool], batchSize: Int, seed: UInt64) throws {
    let normals = isAnomalous.indices.filter { !isAnomalous[$0] }
    let anomalies = isAnomalous.indices.filter { isAnomalous[$0] }
    guard !normals.isEmpty, !anomalies.isEmpty else {
      throw TrainingError.oneSidedData(normal: normals.count, anomalous: anomalies.count)
    }
    normal = BatchStream(
      normals, generator: SeededGenerator(seed: seed, purpose: "normal batches"))
    anomalous = BatchStream(
      anomalies, generator: SeededGenerator(seed: seed, purpose: "anomalous batches"))
    normalShare = min(batchSize / 2, normals.count)
    anomalousShare = min(batchSize - batchSize / 2, anomalies.count)
    func steps(_ count: Int, _ share: Int) -> Int { (count + share - 1) / share }
    stepsPerEpoch = max(
      steps(normals.count, normalShare), steps(anomalies.count, anomalousShare))
  }

  /// Starts an epoch.
  package mutating func reshuffle() {
    normal.reshuffle()
    anomalous.reshuffle()
  }

  /// The sample indices of the next step, normal ones first.
  package mutating func next() -> [Int] {
    normal.next(normalShare) + anomalous.next(anomalousShare)
  }
}
