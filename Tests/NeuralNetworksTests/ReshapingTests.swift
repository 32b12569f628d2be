import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct ReshapingTests {
  let x = GradientCheck.random([2, 3, 4], seed: 1)

  @Test("gradients of reshapes and transposes equal finite differences")
  func axes() {
    #expect(GradientCheck.error([x]) { $0[0].reshaped([6, 4]) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].transposed() } < 1e-6)
    #expect(
      GradientCheck.error([x]) { $0[0].reshaped([2, 3, 2, 2]).swappingMiddleAxes() } < 1e-6)
  }

  @Test("gradients of joins, columns and gathered rows equal finite differences")
  func parts() {
    let y = GradientCheck.random([2, 3, 2], seed: 2)
    let z = GradientCheck.random([1, 3, 4], seed: 3)
    #expect(GradientCheck.error([x, y]) { .concatenated([$0[0], $0[1], $0[0]]) } < 1e-6)
    #expect(GradientCheck.error([x, z]) { .stackedRows([$0[0], $0[1]]) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].columns(1..<3) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].rows([1, 0, 1]) } < 1e-6)
  }

  @Test("swapping the middle axes of [1, 2, 2, 1] exchanges elements 1 and 2")
  func swap() {
    let x = Variable(Tensor<Float>(shape: [1, 2, 2, 1], scalars: [0, 1, 2, 3]))
    #expect(x.swappingMiddleAxes().value.scalars == [0, 2, 1, 3])
  }
}
