import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
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

  /// PyTorch's runs of `Golden/make_optimizers.py`.
  private struct Runs: Decodable {
    struct Run: Decodable {
      var rates, a, b: [Double]
    }
    var start: [String: [Double]]
    var gradients: [[String: [Double]]]
    var runs: [String: Run]
  }

  private func golden() throws -> Runs {
    try JSONDecoder().decode(Runs.self, from: Data(contentsOf: Golden.url("optimizers.json")))
  }

  /// The parameters after the golden gradients; `step` moves them and returns the rate used.
  private func result(
    _ golden: Runs, _ make: ([Variable<Double>]) -> (_ step: Int) -> Double
  ) throws -> Runs.Run {
    let variables = try ["a", "b"].map { name in
      let start = try #require(golden.start[name])
      return Variable(
        Tensor<Double>(shape: [start.count], scalars: start), requiresGradient: true)
    }
    let move = make(variables)
    var rates: [Double] = []
    for (step, gradients) in golden.gradients.enumerated() {
      for (variable, name) in zip(variables, ["a", "b"]) {
        let slope = try #require(gradients[name])
        (variable * Variable(Tensor(shape: [slope.count], scalars: slope))).sum().backward()
      }
      rates.append(move(step))
    }
    return Runs.Run(
      rates: rates, a: variables[0].value.scalars, b: variables[1].value.scalars)
  }

  private func compare(_ found: Runs.Run, _ wanted: Runs.Run?) throws {
    let wanted = try #require(wanted)
    for (x, y) in zip(found.rates + found.a + found.b, wanted.rates + wanted.a + wanted.b) {
      #expect(abs(x - y) < 1e-12, "\(x), PyTorch \(y)")
    }
  }

  @Test("ten steps of AdamW with a group of another rate are PyTorch's")
  func adamWGroups() throws {
    let golden = try golden()
    try compare(
      result(golden) { variables in
        var optimizer = AdamW(
          variables, learningRate: 0.1, weightDecay: 0.05, rateFactors: [1, 0.3])
        return { _ in
          optimizer.step()
          return optimizer.learningRate
        }
      }, golden.runs["adamw"])
  }

  @Test("ten steps of SGD with momentum and decay are PyTorch's, under every schedule")
  func sgd() throws {
    let golden = try golden()
    for (name, shape, warmup) in [
      ("sgd", LearningRateSchedule.Shape.constant, 0), ("sgd cosine", .cosine, 0),
      ("sgd warm-up cosine", .cosine, 4),
    ] {
      let schedule = LearningRateSchedule(
        initialRate: 0.1, shape: shape, stepsPerEpoch: 5, stepCount: 10, warmupSteps: warmup)
      try compare(
        result(golden) { variables in
          var optimizer = SGD(
            variables, learningRate: 0.1, momentum: 0.9, weightDecay: 0.05,
            rateFactors: [1, 0.3])
          return { step in
            optimizer.learningRate = schedule.learningRate(step: step)
            optimizer.step()
            return optimizer.learningRate
          }
        }, golden.runs[name])
    }
  }

  @Test("milestones count epochs, and a warm-up comes before them")
  func multiStepByStep() {
    var schedule = LearningRateSchedule(
      initialRate: 1, shape: .multiStep(milestones: [1, 2], factor: 0.5), stepsPerEpoch: 2,
      stepCount: 6)
    #expect((0..<6).map(schedule.learningRate) == [1, 1, 0.5, 0.5, 0.25, 0.25])
    schedule.warmupSteps = 3
    let warm: [Double] = [0, 1.0 / 3, 2.0 / 3, 0.5, 0.25, 0.25]
    #expect((0..<6).map(schedule.learningRate) == warm)
  }

  @Test("steps and norms have the same bits with one thread and with many")
  func threads() {
    let count = 200_001
    func run(threads: Int) -> (Double, Tensor<Float>, Tensor<Float>) {
      let before = MatrixThreads.count
      defer { MatrixThreads.set(before) }
      MatrixThreads.set(threads)
      var generator = SeededGenerator(seed: 4)
      let start: Tensor<Float> = Initialization.normal([count], deviation: 1, generator: &generator)
      let slope: Tensor<Float> = Initialization.normal([count], deviation: 1, generator: &generator)
      func fresh() -> Variable<Float> { Variable(start, requiresGradient: true) }
      let (x, y) = (fresh(), fresh())
      var adam = AdamW([x], learningRate: 0.1)
      var sgd = SGD([y], learningRate: 0.1, weightDecay: 0.1)
      var norm = 0.0
      for _ in 0..<3 {
        for variable in [x, y] { (variable * Variable(slope)).sum().backward() }
        norm = GradientClipping.clip([x, y], maximumNorm: 10)
        adam.step()
        sgd.step()
      }
      return (norm, x.value, y.value)
    }
    let (one, many) = (run(threads: 1), run(threads: 5))
    #expect(one.0 == many.0 && one.1 == many.1 && one.2 == many.2)
  }

  @Test("SGD that takes over a state goes on to the bit")
  func sgdState() {
    func steps(_ optimizer: inout SGD<Float>, _ x: Variable<Float>, _ count: Int) {
      for _ in 0..<count {
        (x * x).sum().backward()
        optimizer.step()
      }
    }
    let start = Tensor<Float>(shape: [3], scalars: [1, -2, 3])
    let whole = Variable(start, requiresGradient: true)
    var optimizer = SGD([whole], learningRate: 0.01)
    steps(&optimizer, whole, 3)
    let (state, middle) = (optimizer.state, whole.value)
    steps(&optimizer, whole, 4)
    let resumed = Variable(middle, requiresGradient: true)
    var other = SGD([resumed], learningRate: 0.01)
    other.state = state
    steps(&other, resumed, 4)
    #expect(resumed.value == whole.value && other.stepCount == 7)
  }
}
