import NeuralNetworks
import Records
import Tensors
import Testing

/// Compares gradients with central finite differences in double precision.
enum GradientCheck {
  /// Seeded normal numbers.
  static func random(_ shape: [Int], seed: UInt64 = 5) -> Tensor<Double> {
    var generator = SeededGenerator(seed: seed)
    return Initialization.normal(shape, deviation: 1, generator: &generator)
  }

  /// The largest relative error over all inputs of the gradient of Σ c·f(inputs),
  /// for fixed random c: |analytic − numeric| / max(1, |numeric|).
  static func error(
    _ inputs: [Tensor<Double>], step: Double = 1e-5,
    _ f: ([Variable<Double>]) -> Variable<Double>
  ) -> Double {
    func loss(_ inputs: [Variable<Double>]) -> Variable<Double> {
      let y = f(inputs)
      return (y * Variable(random(y.shape, seed: 99))).sum()
    }
    let variables = inputs.map { Variable($0, requiresGradient: true) }
    loss(variables).backward()
    var worst = 0.0
    for (index, input) in inputs.enumerated() {
      let analytic = variables[index].gradient ?? Tensor(shape: input.shape)
      for element in 0..<input.count {
        let sides = [step, -step].map { shift in
          var moved = inputs
          moved[index].scalars[element] += shift
          return loss(moved.map { Variable($0) }).item
        }
        let numeric = (sides[0] - sides[1]) / (2 * step)
        worst = max(worst, abs(analytic.scalars[element] - numeric) / max(1, abs(numeric)))
      }
    }
    return worst
  }
}
