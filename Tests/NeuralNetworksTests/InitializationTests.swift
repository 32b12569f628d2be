import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct InitializationTests {
  @Test("bounds and deviations are those of the named schemes")
  func ranges() {
    var generator = SeededGenerator(seed: 8)
    let xavier: Tensor<Double> = Initialization.xavierUniform([40, 20, 5], generator: &generator)
    let torch: Tensor<Double> = Initialization.torchDefault(
      [90, 40], fanIn: 100, generator: &generator)
    let kaiming: Tensor<Double> = Initialization.kaimingUniform([90, 60], generator: &generator)
    let normal: Tensor<Double> = Initialization.normal([5000], generator: &generator)
    func largest(_ x: Tensor<Double>) -> Double { x.scalars.map(abs).max() ?? 0 }
    #expect(abs(largest(xavier) - 0.1414) < 0.001)
    #expect(abs(largest(torch) - 0.1) < 0.001)
    #expect(abs(largest(kaiming) - 0.3162) < 0.001)
    let variance = normal.scalars.reduce(0) { $0 + $1 * $1 } / 5000
    #expect(abs(variance.squareRoot() - 0.01) < 5e-4)
  }
}
