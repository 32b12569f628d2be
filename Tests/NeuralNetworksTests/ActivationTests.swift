import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct ActivationTests {
  let x = GradientCheck.random([4, 5], seed: 1)

  @Test("gradients of the activations equal finite differences")
  func gradients() {
    #expect(GradientCheck.error([x]) { $0[0].reLU() } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].sigmoid() } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].quickGELU() } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].gelu() } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].keepingAbove(0.3) } < 1e-6)
  }

  @Test("single-precision sigmoids are within 3e-7 of double precision, and end at 0 and 1")
  func floatAccuracy() {
    let points = stride(from: -30.0, through: 30, by: 0.01).map { $0 }
    let exact = Variable(Tensor<Double>(shape: [points.count], scalars: points)).sigmoid()
    let fast = Variable(Tensor<Float>(shape: [points.count], scalars: points.map { Float($0) }))
      .sigmoid()
    for (a, b) in zip(exact.value.scalars, fast.value.scalars) {
      #expect(abs(a - Double(b)) <= 3e-7 * max(a, 1e-6) + 1e-9)
    }
    let ends = Variable(Tensor<Float>(shape: [2], scalars: [-1e30, 1e30])).sigmoid().value.scalars
    #expect(ends[0] < 1e-37 && ends[1] == 1)
  }

  @Test("NaN comes through every activation, the graph's threshold and the top-k mean")
  func notANumber() {
    let x = Variable<Float>(Tensor(shape: [1, 3], scalars: [1, .nan, -1]))
    let results = [
      x.reLU(), x.sigmoid(), x.quickGELU(), x.gelu(), x.keepingAbove(0.5),
      x.keepingAbove(0.5, replacement: -1e4),
    ]
    for y in results {
      #expect(y.value.scalars.map(\.isNaN) == [false, true, false])
    }
    #expect(x.softmax().value.scalars.allSatisfy { $0.isNaN })
    #expect(x.topKMean(lengths: [3]).value.scalars[0].isNaN)
    #expect(x.topKMean(lengths: [1]).value.scalars[0] == 1)
  }
}
