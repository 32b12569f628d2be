import Detectors
import Records

/// The order of samples in batches: by a named protocol, or given.
///
/// A copy goes on by itself, which is how the next batch is known before it is drawn.
package struct TrainingBatches {
  private enum Order {
    case balanced(BalancedBatches)
    case shuffled(ShuffledBatches)
    case given([[Int]], next: Int)
  }

  private var order: Order
  /// How many batches an epoch has.
  package let stepsPerEpoch: Int

  /// - Parameter order: the samples of every step of the training, for its comparison with
  ///   another program; nil for the configuration's protocol.
  /// - Throws: `TrainingError.oneSidedData` where one side is empty, `.badOrder`.
  package init(
    _ isAnomalous: [Bool], configuration: TrainingConfiguration, order: [[Int]]? = nil
  ) throws {
    if let order {
      try Self.check(order, samples: isAnomalous.count, epochs: configuration.epochs)
      stepsPerEpoch = order.count / configuration.epochs
      self.order = .given(order, next: 0)
      return
    }
    switch configuration.batches {
    case .balanced:
      let batches = try BalancedBatches(
        isAnomalous, batchSize: configuration.batchSize, seed: configuration.seed,
        epochEnd: configuration.epochEnd)
      stepsPerEpoch = batches.stepsPerEpoch
      self.order = .balanced(batches)
    case .shuffled:
      let batches = try ShuffledBatches(
        isAnomalous, batchSize: configuration.batchSize, seed: configuration.seed)
      stepsPerEpoch = batches.stepsPerEpoch
      self.order = .shuffled(batches)
    }
  }

  private static func check(_ order: [[Int]], samples: Int, epochs: Int) throws {
    guard !order.isEmpty, order.count.isMultiple(of: epochs) else {
      throw TrainingError.badOrder(
        finding: "\(order.count) steps", expected: "as many for each of the \(epochs) epochs")
    }
    for (step, batch) in order.enumerated() {
      guard !batch.isEmpty else {
        throw TrainingError.badOrder(
          finding: "no sample in step \(step + 1)", expected: "at least one")
      }
      if let index = batch.first(where: { !(0..<samples).contains($0) }) {
        throw TrainingError.badOrder(
          finding: "sample \(index) in step \(step + 1)",
          expected: "one of 0 to \(samples - 1)")
      }
    }
  }

  /// Where the order is: what a resumed run needs to see the same batches. Of the parts, those
  /// of the protocol are there; a state of before there were several has the balanced ones.
  struct State: Codable, Equatable {
    var normal: BatchStream.State?
    var anomalous: BatchStream.State?
    var all: BatchStream.State?
    /// The next step of a given order.
    var next: Int?
  }

  var state: State {
    switch order {
    case .balanced(let batches):
      State(normal: batches.state.normal, anomalous: batches.state.anomalous)
    case .shuffled(let batches): State(all: batches.state)
    case .given(_, let next): State(next: next)
    }
  }

  /// Takes over a state.
  ///
  /// - Returns: whether it is of the same protocol, and of as many samples.
  mutating func restore(_ state: State) -> Bool {
    switch order {
    case .balanced(var batches):
      guard let normal = state.normal, let anomalous = state.anomalous else { return false }
      batches.state = .init(normal: normal, anomalous: anomalous)
      order = .balanced(batches)
    case .shuffled(var batches):
      guard let all = state.all else { return false }
      batches.state = all
      order = .shuffled(batches)
    case .given(let steps, _):
      guard let next = state.next, (0...steps.count).contains(next) else { return false }
      order = .given(steps, next: next)
    }
    return true
  }

  /// Starts an epoch.
  package mutating func reshuffle() {
    switch order {
    case .balanced(var batches):
      batches.reshuffle()
      order = .balanced(batches)
    case .shuffled(var batches):
      batches.reshuffle()
      order = .shuffled(batches)
    case .given: break
    }
  }

  /// The sample indices of the next step.
  package mutating func next() -> [Int] {
    switch order {
    case .balanced(var batches):
      defer { order = .balanced(batches) }
      return batches.next()
    case .shuffled(var batches):
      defer { order = .shuffled(batches) }
      return batches.next()
    case .given(let steps, let next):
      order = .given(steps, next: next + 1)
      return steps[next]
    }
  }
}

/// The batches of VadCLIP's XD-Violence training: one shuffled stream of all videos, of which the
/// last batch of an epoch may be smaller.
package struct ShuffledBatches {
  private var stream: BatchStream
  private let batchSize: Int
  /// How many batches an epoch has.
  package let stepsPerEpoch: Int

  var state: BatchStream.State {
    get { stream.state }
    set { stream.state = newValue }
  }

  /// - Throws: `TrainingError.oneSidedData` where one side is empty.
  package init(_ isAnomalous: [Bool], batchSize: Int, seed: UInt64) throws {
    let anomalies = isAnomalous.count { $0 }
    guard anomalies > 0, anomalies < isAnomalous.count else {
      throw TrainingError.oneSidedData(
        normal: isAnomalous.count - anomalies, anomalous: anomalies)
    }
    stream = BatchStream(
      Array(isAnomalous.indices), generator: SeededGenerator(seed: seed, purpose: "batches"))
    self.batchSize = batchSize
    stepsPerEpoch = (isAnomalous.count + batchSize - 1) / batchSize
  }

  /// Starts an epoch.
  package mutating func reshuffle() { stream.reshuffle() }

  /// The sample indices of the next step.
  package mutating func next() -> [Int] { stream.next(min(batchSize, stream.left)) }
}
