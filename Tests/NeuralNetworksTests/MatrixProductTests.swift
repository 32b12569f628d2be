import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct MatrixProductTests {
  @Test(
    "gradients of a matrix product equal finite differences",
    arguments: [(false, false), (false, true), (true, false), (true, true)])
  func product(transposed: Bool, otherTransposed: Bool) {
    for batch in [[], [2], [2, 3]] {
      let a = GradientCheck.random(batch + (transposed ? [4, 3] : [3, 4]), seed: 1)
      let b = GradientCheck.random(batch + (otherTransposed ? [5, 4] : [4, 5]), seed: 2)
      let error = GradientCheck.error([a, b]) {
        $0[0].matrixMultiplied(
          by: $0[1], transposed: transposed, otherTransposed: otherTransposed)
      }
      #expect(error < 1e-6)
    }
  }

  @Test("a transposed batch gives the product that hand gives")
  func value() {
    let a = Variable(Tensor<Float>(shape: [1, 2, 2], scalars: [1, 2, 3, 4]))
    let b = Variable(Tensor<Float>(shape: [1, 1, 2], scalars: [5, 6]))
    let c = a.matrixMultiplied(by: b, transposed: true, otherTransposed: true)
    #expect(c.value == Tensor(shape: [1, 2, 1], scalars: [23, 34]))
  }

  @Test("gradients of a linear layer over any leading axes equal finite differences")
  func linear() {
    let x = GradientCheck.random([2, 3, 4], seed: 1)
    let w = GradientCheck.random([5, 4], seed: 2)
    let b = GradientCheck.random([5], seed: 3)
    #expect(GradientCheck.error([x, w, b]) { $0[0].linear(weight: $0[1], bias: $0[2]) } < 1e-6)
    #expect(GradientCheck.error([x, w]) { $0[0].linear(weight: $0[1]) } < 1e-6)
  }

  @Test("gradients of mixing and weighting time equal finite differences")
  func time() {
    let x = GradientCheck.random([2, 4, 3], seed: 1)
    let matrix = GradientCheck.random([5, 4], seed: 2)
    let weights = GradientCheck.random([2, 4], seed: 3)
    #expect(GradientCheck.error([x]) { $0[0].mixingTime(by: matrix) } < 1e-6)
    #expect(GradientCheck.error([x, weights]) { $0[0].weightedSumOverTime($0[1]) } < 1e-6)
  }
}
