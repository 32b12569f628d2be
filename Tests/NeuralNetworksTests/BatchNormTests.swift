import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct BatchNormTests {
  private static let lengths = [4, 2, 0]
  private let x = GradientCheck.random([3, 4, 5], seed: 1)
  private let w = GradientCheck.random([5], seed: 2)
  private let b = GradientCheck.random([5], seed: 3)

  @Test(
    "gradients equal finite differences: all rows count, some do, none does",
    arguments: [[4, 4, 4], lengths])
  func gradients(lengths: [Int]) {
    let error = GradientCheck.error([x, w, b]) {
      $0[0].channelNormalized(
        by: ChannelStatistics(of: $0[0].value, lengths: lengths), weight: $0[1], bias: $0[2])
    }
    #expect(error < 1e-6)
    let constant = GradientCheck.error([x, w, b]) {
      $0[0].channelNormalized(
        by: ChannelStatistics(means: [1, 2, 3, 4, 5], variances: [5, 4, 3, 2, 1]),
        weight: $0[1], bias: $0[2])
    }
    #expect(constant < 1e-6)
  }

  @Test("counted rows have mean 0 and variance 1, and rows that do not count move neither")
  func statistics() {
    let norm = BatchNorm<Double>(5, epsilon: 0)
    let y = norm(Variable(x), lengths: Self.lengths, statistics: .batch).value
    for column in 0..<5 {
      let rows = [0, 1, 2, 3, 4, 5].map { y.scalars[$0 * 5 + column] }
      #expect(abs(rows.reduce(0, +)) < 1e-12)
      #expect(abs(rows.reduce(0) { $0 + $1 * $1 } / 6 - 1) < 1e-12)
    }
    var other = x
    for index in 6 * 5..<other.count { other.scalars[index] = 1e6 }
    let again = norm(Variable(other), lengths: Self.lengths, statistics: .batch).value
    #expect(again.scalars.prefix(30) == y.scalars.prefix(30))
  }

  @Test("a forward pass stages running statistics, and only commit takes them over")
  func staging() throws {
    let norm = BatchNorm<Double>(2)
    func values() -> [[Double]] { norm.namedBuffers.map(\.buffer.value.scalars) }
    let start = [[0.0, 0], [1, 1], [0]]
    #expect(
      norm.namedBuffers.map(\.name) == ["running_mean", "running_var", "num_batches_tracked"])
    #expect(norm.namedParameters.map(\.name) == ["weight", "bias"] && norm.parameterCount == 4)
    #expect(norm.namedTensors.map(\.tensor.shape) == [[2], [2], [2], [2], []])
    // Means 2 and 10; variances by n − 1: 2 and 8.
    let rows = Variable(Tensor<Double>(shape: [2, 2, 2], scalars: [1, 8, 0, 0, 3, 12, 0, 0]))
    _ = norm(rows, lengths: [1, 1], statistics: .batch)
    #expect(values() == start)
    norm.discardStagedBuffers()
    norm.commitBuffers()
    #expect(values() == start)
    _ = norm(rows, lengths: [1, 1], statistics: .running)
    norm.commitBuffers()
    #expect(values() == start)
    _ = norm(rows, lengths: [1, 1], statistics: .batch)
    norm.commitBuffers()
    let moved = [[0.2, 1], [1.1, 1.7], [1]]
    #expect(zip(values().joined(), moved.joined()).allSatisfy { abs($0 - $1) < 1e-15 })
    // Scoring uses them; a second commit changes nothing.
    norm.commitBuffers()
    let scored = norm(rows, lengths: [1, 1], statistics: .running).value
    #expect(abs(scored.scalars[0] - 0.8 / (1.1 + 1e-5).squareRoot()) < 1e-12)
    // One row has no variance.
    let single = norm(rows, lengths: [1, 0], statistics: .batch).value
    #expect(single == scored)
    norm.commitBuffers()
    #expect(values()[2] == [1])
  }

  @Test("the bits do not depend on the number of threads, nor single precision on the offset")
  func precision() {
    var generator = SeededGenerator(seed: 4)
    let large: Tensor<Float> = Initialization.normal(
      [64, 32, 40], deviation: 1, generator: &generator)
    let lengths = Array(repeating: 32, count: 64)
    let norm = BatchNorm<Float>(40)
    let before = MatrixThreads.count
    defer { MatrixThreads.set(before) }
    MatrixThreads.set(1)
    let one = norm(Variable(large), lengths: lengths, statistics: .batch).value
    MatrixThreads.set(2)
    #expect(norm(Variable(large), lengths: lengths, statistics: .batch).value == one)
    var shifted = large
    for index in 0..<shifted.count { shifted.scalars[index] += 100 }
    let other = norm(Variable(shifted), lengths: lengths, statistics: .batch).value
    // What is left is the rounding of x + 100 itself, 4e-6.
    #expect(zip(one.scalars, other.scalars).allSatisfy { abs($0 - $1) < 2e-5 })
  }
}
