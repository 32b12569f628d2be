import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct LossTests {
  let targets = Tensor<Double>(shape: [4], scalars: [0, 1, 1, 0])

  @Test("gradients of both binary cross-entropies equal finite differences")
  func binary() {
    let x = GradientCheck.random([4], seed: 1)
    let fromLogits = GradientCheck.error([x]) {
      BinaryCrossEntropy.ofLogits($0[0], targets: targets)
    }
    let fromProbabilities = GradientCheck.error([x]) {
      BinaryCrossEntropy.ofProbabilities($0[0].sigmoid(), targets: targets)
    }
    #expect(fromLogits < 1e-6 && fromProbabilities < 1e-6)
  }

  @Test("a wrong certain probability costs 100, as in PyTorch")
  func clamped() {
    let p = Variable(Tensor<Double>(shape: [2], scalars: [0, 1]), requiresGradient: true)
    let loss = BinaryCrossEntropy.ofProbabilities(
      p, targets: Tensor(shape: [2], scalars: [1, 0]))
    #expect(loss.item == 100)
    loss.backward()
    #expect(p.gradient?.scalars.allSatisfy { $0.isFinite } == true)
  }

  @Test("gradients of cross-entropy with soft targets and with classes equal finite differences")
  func crossEntropy() {
    let x = GradientCheck.random([3, 4], seed: 2)
    let soft = Variable(GradientCheck.random([3, 4], seed: 3)).softmax().value
    #expect(GradientCheck.error([x]) { CrossEntropy.ofLogits($0[0], targets: soft) } < 1e-6)
    #expect(GradientCheck.error([x]) { CrossEntropy.ofLogits($0[0], classes: [1, 0, 3]) } < 1e-6)
  }

  @Test("equal logits over four classes cost log 4")
  func uniform() {
    let loss = CrossEntropy.ofLogits(
      Variable(Tensor<Double>(shape: [2, 4], repeating: 7)), classes: [0, 3])
    #expect(abs(loss.item - 1.386_294_361_119_890_6) < 1e-12)
  }
}
