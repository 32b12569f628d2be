import NeuralNetworks
import Tensors
import Testing

@Suite struct VariableTests {
  @Test("a variable used twice gets both shares of the gradient, and a second pass adds to it")
  func sharedInput() {
    let x = Variable<Double>(Tensor(shape: [2], scalars: [3, 5]), requiresGradient: true)
    (x * x + x).sum().backward()
    #expect(x.gradient == Tensor(shape: [2], scalars: [7, 11]))
    x.sum().backward()
    #expect(x.gradient == Tensor(shape: [2], scalars: [8, 12]))
    x.clearGradient()
    #expect(x.gradient == nil)
  }

  @Test("constants and detached results get no gradient")
  func constants() {
    let x = Variable<Double>(Tensor(shape: [1], scalars: [3]), requiresGradient: true)
    let c = Variable<Double>(Tensor(shape: [1], scalars: [4]))
    (x * c + (x * x).detached()).backward()
    #expect(x.gradient?.scalars == [4] && c.gradient == nil)
  }

  @Test("a chain of ten thousand operations neither overflows the stack nor loses the gradient")
  func deep() {
    let x = Variable<Double>(Tensor(shape: [1], scalars: [1]), requiresGradient: true)
    var y = x
    for _ in 0..<10_000 { y = y + x }
    y.backward()
    #expect(x.gradient?.scalars == [10_001])
  }

  @Test("a second walk through a graph, and assigning a result, stop the program")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      let x = Variable<Double>(Tensor(shape: [1], scalars: [2]), requiresGradient: true)
      let shared = x * x
      shared.sum().backward()
      (shared * shared).sum().backward()
    }
    await #expect(processExitsWith: .failure) {
      let x = Variable<Double>(Tensor(shape: [1], scalars: [2]), requiresGradient: true)
      (x * x).assign(Tensor(shape: [1], scalars: [1]))
    }
    await #expect(processExitsWith: .failure) {
      let x = Variable<Double>(Tensor(shape: [1], scalars: [2]), requiresGradient: true)
      (x * x).setRequiresGradient(false)
    }
  }
}
