import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct TemporalConvolutionTests {
  @Test(
    "gradients of the temporal convolution equal finite differences",
    arguments: [(1, 1), (3, 1), (3, 2), (5, 1), (3, 4)])
  func gradients(kernel: Int, dilation: Int) {
    let x = GradientCheck.random([2, 5, 3], seed: 1)
    let w = GradientCheck.random([4, 3, kernel], seed: 2)
    let b = GradientCheck.random([4], seed: 3)
    let error = GradientCheck.error([x, w, b]) {
      $0[0].temporalConvolution(weight: $0[1], bias: $0[2], dilation: dilation)
    }
    #expect(error < 1e-6)
  }

  @Test("weights 1, 10, 100 with dilation 2 add the neighbours two steps away, in that order")
  func value() {
    let x = Variable(Tensor<Float>(shape: [1, 4, 1], scalars: [1, 2, 3, 4]))
    let w = Variable(Tensor<Float>(shape: [1, 1, 3], scalars: [1, 10, 100]))
    #expect(
      x.temporalConvolution(weight: w, dilation: 2).value.scalars == [310, 420, 31, 42])
  }
}
