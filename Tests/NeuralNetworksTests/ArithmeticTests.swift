import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct ArithmeticTests {
  let a = GradientCheck.random([3, 4], seed: 1)
  let b = GradientCheck.random([3, 4], seed: 2)
  let row = GradientCheck.random([4], seed: 3)

  @Test("gradients of sums, differences, products and scaling equal finite differences")
  func elementwise() {
    #expect(GradientCheck.error([a, b]) { $0[0] + $0[1] } < 1e-6)
    #expect(GradientCheck.error([a, b]) { $0[0] - $0[1] } < 1e-6)
    #expect(GradientCheck.error([a, b]) { $0[0] * $0[1] } < 1e-6)
    #expect(GradientCheck.error([a]) { $0[0] * 2.5 } < 1e-6)
  }

  @Test("gradients of bias and column scaling equal finite differences")
  func rows() {
    #expect(GradientCheck.error([a, row]) { $0[0].addingBias($0[1]) } < 1e-6)
    #expect(GradientCheck.error([a, row]) { $0[0].scalingColumns(by: $0[1]) } < 1e-6)
  }

  @Test("gradients of sum and mean equal finite differences")
  func reductions() {
    #expect(GradientCheck.error([a]) { ($0[0] * $0[0]).sum() } < 1e-6)
    #expect(GradientCheck.error([a]) { ($0[0] * $0[0]).mean() } < 1e-6)
  }

  @Test("the mean of 1, 2 and 6 is 3")
  func mean() {
    #expect(Variable(Tensor<Float>(shape: [3], scalars: [1, 2, 6])).mean().item == 3)
  }
}
