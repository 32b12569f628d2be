import NeuralNetworks
import Tensors
import Testing

@Suite struct VariableTests {
  @Test("a variable used twice gets both shares of the gradient")
  func sharedInput() {
    let x = Variable<Double>(Tensor(shape: [2], scalars: [3, 5]), requiresGradient: true)
    (x * x + x).sum().backward()
    #expect(x.gradient == Tensor(shape: [2], scalars: [7, 11]))
  }
}
