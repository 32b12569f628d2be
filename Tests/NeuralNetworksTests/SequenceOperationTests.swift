import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct SequenceOperationTests {
  @Test("gradients of the top-k mean and of masking equal finite differences")
  func gradients() {
    let scores = GradientCheck.random([2, 33], seed: 1)
    #expect(GradientCheck.error([scores]) { $0[0].topKMean(lengths: [33, 16]) } < 1e-6)
    let x = GradientCheck.random([2, 3, 2], seed: 2)
    #expect(GradientCheck.error([x]) { $0[0].maskedBeyond(lengths: [3, 1]) } < 1e-6)
  }

  @Test("of 15 valid scores the largest counts, of 16 the mean of the two largest; padding never")
  func topK() {
    var scalars = (0..<34).map { Float($0 % 17) }
    scalars[15] = 1000
    scalars[16] = 1000
    scalars[33] = 1000
    let x = Variable(Tensor(shape: [2, 17], scalars: scalars))
    #expect(x.topKMean(lengths: [15, 16]).value.scalars == [14, 14.5])
    #expect(x.topKMean(lengths: [15, 16], divisor: 5).value.scalars == [12.5, 13.5])
  }

  @Test("dropout with one seed zeroes the same elements and keeps the mean")
  func dropout() {
    let ones = Variable(Tensor<Float>(shape: [10_000], repeating: 1))
    var (first, second) = (SeededGenerator(seed: 4), SeededGenerator(seed: 4))
    let y = ones.dropout(0.25, generator: &first).value
    #expect(y == ones.dropout(0.25, generator: &second).value)
    #expect(abs(y.scalars.reduce(0, +) / 10_000 - 1) < 0.02)
    #expect(Set(y.scalars) == [0, Float(1 / 0.75)])
  }
}
