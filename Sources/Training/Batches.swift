import Detectors
import Records
import Tensors

/// An endless order of n samples, reshuffled each time all were seen.
struct BatchStream {
  private let indices: [Int]
  private var order: [Int] = []
  private var generator: SeededGenerator

  init(_ indices: [Int], generator: SeededGenerator) {
    self.indices = indices
    self.generator = generator
  }

  /// What is left of the present order, and the generator's words.
  struct State: Codable, Equatable {
    var order: [Int]
    var words: [UInt64]
  }

  var state: State {
    get { State(order: order, words: generator.words) }
    set {
      order = newValue.order
      generator.words = newValue.words
    }
  }

  /// Starts a new order.
  mutating func reshuffle() {
    order = indices.shuffled(using: &generator)
  }

  /// How many of the present order are left.
  var left: Int { order.count }

  mutating func next(_ count: Int) -> [Int] {
    (0..<count).map { _ in
      if order.isEmpty { reshuffle() }
      return order.removeLast()
    }
  }
}

/// The batches of VadCLIP's UCF-Crime training: half from the normal videos, half
/// from the anomalous, each stream reshuffled every epoch. The smaller cycles until
/// all of the larger were seen, or ends the epoch.
///
/// A side with fewer videos than half a batch gives all of its own once per batch.
package struct BalancedBatches {
  private var normal: BatchStream
  private var anomalous: BatchStream
  private let normalShare: Int
  private let anomalousShare: Int
  /// How many batches an epoch has.
  package let stepsPerEpoch: Int

  /// Where both streams are: what a resumed run needs to see the same batches.
  struct State: Codable, Equatable {
    var normal: BatchStream.State
    var anomalous: BatchStream.State
  }

  var state: State {
    get { State(normal: normal.state, anomalous: anomalous.state) }
    set {
      normal.state = newValue.normal
      anomalous.state = newValue.anomalous
    }
  }

  /// - Throws: `TrainingError.oneSidedData` where one side is empty.
  package init(
    _ isAnomalous: [Bool], batchSize: Int, seed: UInt64,
    epochEnd: TrainingConfiguration.EpochEnd = .largerSide
  ) throws {
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
    let sides = [(normals.count, normalShare), (anomalies.count, anomalousShare)]
    stepsPerEpoch =
      switch epochEnd {
      case .largerSide: sides.map { ($0 + $1 - 1) / $1 }.reduce(1, max)
      case .smallerSide: sides.map { $0 / $1 }.reduce(.max, min)
      }
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

extension DetectorModel {
  /// One batch of samples whose features are at most the model's length.
  ///
  /// Differs from the poster's B×B identity where a batch holds a video twice
  /// (crops, or a stream that cycles): only its first sample takes part in the
  /// description loss, or it would be its own negative.
  ///
  /// - Parameter usesDescriptions: whether the samples' descriptions join the batch.
  /// - Throws: `TensorError` where a file of features has changed or is gone.
  package func batch(of samples: [TrainingSample], usesDescriptions: Bool) throws
    -> DetectorBatch<Float>
  {
    try batch(
      of: samples, features: samples.map { try $0.features.tensor() },
      usesDescriptions: usesDescriptions)
  }

  /// The same with the samples' features read already.
  func batch(of samples: [TrainingSample], features: [Tensor<Float>], usesDescriptions: Bool)
    -> DetectorBatch<Float>
  {
    let (features, lengths) = padded(features)
    var rows: [Int] = []
    var descriptions: [Float] = []
    var seen: Set<String> = []
    for (row, sample) in samples.enumerated() where usesDescriptions {
      guard let description = sample.description, seen.insert(sample.videoID).inserted else {
        continue
      }
      rows.append(row)
      descriptions += description
    }
    return DetectorBatch(
      features: features, lengths: lengths,
      targets: Tensor(
        shape: [samples.count], scalars: samples.map { $0.isAnomalous ? 1 : 0 }),
      classIndices: samples.map(\.classIndices), describedRows: rows,
      descriptions: rows.isEmpty
        ? nil : Tensor(shape: [rows.count, inputs.textWidth], scalars: descriptions))
  }
}
