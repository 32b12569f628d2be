import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct SoftmaxTests {
  let x = GradientCheck.random([2, 3, 4], seed: 1)

  @Test("gradients of softmax, masked softmax and log-softmax equal finite differences")
  func gradients() {
    #expect(GradientCheck.error([x]) { $0[0].softmax() } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].softmax(prefixLengths: [1, 2, 4]) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].softmax(prefixLengths: [2, 2, 0, 4, 4, 3]) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].logSoftmax() } < 1e-6)
  }

  @Test("a masked row sums to 1 over its prefix, and an empty prefix is all zeros")
  func masks() {
    let y = Variable(x).softmax(prefixLengths: [2, 0, 4, 1, 3, 4]).value.scalars
    #expect(abs(y[0] + y[1] - 1) < 1e-12 && y[2] == 0 && y[3] == 0)
    #expect(y[4..<8].allSatisfy { $0 == 0 })
  }
}
