import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct OptimizationTests {
  @Test("the first AdamW step moves by the learning rate after the decay, whatever the gradient")
  func firstStep() {
    let w = Variable(Tensor<Double>(shape: [2], scalars: [1, -2]), requiresGradient: true)
    var optimizer = AdamW([w], learningRate: 0.1, weightDecay: 0.5)
    (w * Variable(Tensor(shape: [2], scalars: [3, -0.01]))).sum().backward()
    optimizer.step()
    // 1·(1 − 0.05) − 0.1 and −2·0.95 + 0.1, up to epsilon 1e-8.
    #expect(abs(w.value.scalars[0] - 0.85) < 1e-7)
    #expect(abs(w.value.scalars[1] + 1.8) < 1e-6)
    #expect(w.gradient == nil)
  }

  @Test("the rate falls by the factor from each milestone on")
  func schedule() {
    let schedule = MultiStepSchedule(initialRate: 1, milestones: [2, 4], factor: 0.5)
    #expect((0..<6).map(schedule.learningRate) == [1, 1, 0.5, 0.5, 0.25, 0.25])
  }

  @Test("gradients of norm 5 are scaled to norm 1, shorter ones stay")
  func clipping() throws {
    let w = Variable(Tensor<Double>(shape: [2], scalars: [0, 0]), requiresGradient: true)
    (w * Variable(Tensor(shape: [2], scalars: [3, 4]))).sum().backward()
    #expect(GradientClipping.clip([w], maximumNorm: 10) == 5)
    #expect(w.gradient?.scalars == [3, 4])
    GradientClipping.clip([w], maximumNorm: 1)
    let gradient = try #require(w.gradient?.scalars)
    #expect(abs(gradient[0] - 0.6) < 1e-6 && abs(gradient[1] - 0.8) < 1e-6)
  }

  @Test("an optimizer that takes over a state goes on to the bit")
  func stateIsWhole() {
    func steps(_ optimizer: inout AdamW<Float>, _ x: Variable<Float>, _ count: Int) {
      for _ in 0..<count {
        (x * x).sum().backward()
        optimizer.step()
      }
    }
    func fresh() -> Variable<Float> {
      Variable(Tensor(shape: [3], scalars: [1, -2, 3]), requiresGradient: true)
    }
    let whole = fresh()
    var optimizer = AdamW([whole], learningRate: 0.1)
    steps(&optimizer, whole, 3)
    let state = optimizer.state
    let middle = whole.value
    steps(&optimizer, whole, 4)
    let resumed = fresh()
    resumed.assign(middle)
    var other = AdamW([resumed], learningRate: 0.1)
    other.state = state
    steps(&other, resumed, 4)
    #expect(resumed.value == whole.value && other.stepCount == 7)
  }

  @Test("the norm of many small gradients is summed in double precision")
  func largeNorm() {
    let count = 1 << 22
    let x = Variable<Float>(Tensor(shape: [count], repeating: 0), requiresGradient: true)
    (x * 0.1).sum().backward()
    let norm = GradientClipping.clip([x], maximumNorm: .infinity)
    #expect(abs(norm / (Double(Float(0.1)) * Double(count).squareRoot()) - 1) < 1e-9)
  }
}
