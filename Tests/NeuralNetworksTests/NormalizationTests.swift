import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct NormalizationTests {
  let x = GradientCheck.random([3, 5], seed: 1)

  @Test("gradients of layer normalisation equal finite differences")
  func layerNorm() {
    let (w, b) = (GradientCheck.random([5], seed: 2), GradientCheck.random([5], seed: 3))
    let error = GradientCheck.error([x, w, b]) {
      $0[0].layerNormalized(weight: $0[1], bias: $0[2])
    }
    #expect(error < 1e-6)
  }

  @Test("gradients of unit rows and cosines equal finite differences")
  func unitRows() {
    let y = GradientCheck.random([4, 5], seed: 2)
    #expect(GradientCheck.error([x]) { $0[0].l2Normalized() } < 1e-6)
    #expect(GradientCheck.error([x, y]) { $0[0].cosineSimilarity(to: $0[1]) } < 1e-6)
    #expect(GradientCheck.error([x]) { $0[0].cosineSimilarity(to: $0[0]) } < 1e-6)
  }

  @Test("a zero row stays zero, and 3, 4 becomes 0.6, 0.8")
  func values() {
    let rows = Variable(Tensor<Double>(shape: [2, 2], scalars: [0, 0, 3, 4])).l2Normalized()
    #expect(zip(rows.value.scalars, [0, 0, 0.6, 0.8]).allSatisfy { abs($0 - $1) < 1e-15 })
  }
}
