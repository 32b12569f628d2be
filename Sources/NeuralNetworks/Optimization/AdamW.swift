import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), step by step
/// as `torch.optim.AdamW`.
public struct AdamW<Scalar: TensorScalar> {
  /// The step size; a schedule changes it between steps.
  public var learningRate: Double
  public var betas: (first: Double, second: Double)
  public var epsilon: Double
  public var weightDecay: Double
  /// How many steps were taken.
  public private(set) var stepCount = 0

  private let parameters: [Variable<Scalar>]
  private let rateFactors: [Double]
  private var firstMoments: [[Scalar]]
  private var secondMoments: [[Scalar]]

  /// An optimizer of the parameters that require a gradient.
  ///
  /// - Parameter rateFactors: what multiplies the learning rate of each parameter, as a group
  ///   of its own does in PyTorch; nil for 1.
  /// - Precondition: there are as many factors as parameters.
  public init(
    _ parameters: [Variable<Scalar>], learningRate: Double,
    betas: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, rateFactors: [Double]? = nil
  ) {
    (self.parameters, self.rateFactors) = trained(parameters, rateFactors)
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    firstMoments = self.parameters.map { (zeros($0.shape) as Tensor<Scalar>).scalars }
    secondMoments = firstMoments
  }

  /// Moves every parameter that has a gradient, and forgets the gradients.
  public mutating func step() {
    stepCount += 1
    let correction1 = 1 - power(betas.first, stepCount)
    let correction2 = 1 - power(betas.second, stepCount)
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { continue }
      let rate = learningRate * rateFactors[index]
      update(
        &parameter.value.scalars, gradient.scalars, &firstMoments[index], &secondMoments[index],
        AdamWNumbers(
          keep: Scalar(1 - rate * weightDecay), beta1: Scalar(betas.first),
          beta2: Scalar(betas.second), stepSize: Scalar(rate / correction1),
          deviationScale: Scalar(1 / correction2.squareRoot()), epsilon: Scalar(epsilon)))
      parameter.clearGradient()
    }
  }

  /// The moments and the step count: what a resumed run needs to go on to the bit.
  public struct State {
    public var stepCount: Int
    /// Both moments of each parameter that requires a gradient, in the parameters' order.
    public var firstMoments: [[Scalar]]
    public var secondMoments: [[Scalar]]

    public init(stepCount: Int, firstMoments: [[Scalar]], secondMoments: [[Scalar]]) {
      self.stepCount = stepCount
      self.firstMoments = firstMoments
      self.secondMoments = secondMoments
    }
  }

  /// The state between two steps.
  ///
  /// - Precondition: a new value has the moments of the same parameters.
  public var state: State {
    get {
      State(stepCount: stepCount, firstMoments: firstMoments, secondMoments: secondMoments)
    }
    set {
      precondition(
        newValue.firstMoments.map(\.count) == firstMoments.map(\.count)
          && newValue.secondMoments.map(\.count) == secondMoments.map(\.count),
        "the moments of another model")
      stepCount = newValue.stepCount
      firstMoments = newValue.firstMoments
      secondMoments = newValue.secondMoments
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

/// The parameters that are trained, with their rates' factors.
func trained<Scalar>(_ parameters: [Variable<Scalar>], _ factors: [Double]?) -> (
  [Variable<Scalar>], [Double]
) {
  let factors = factors ?? Array(repeating: 1, count: parameters.count)
  precondition(
    factors.count == parameters.count,
    "\(factors.count) rate factors for \(parameters.count) parameters")
  let pairs = zip(parameters, factors).filter { $0.0.requiresGradient }
  return (pairs.map(\.0), pairs.map(\.1))
}

/// The numbers of one step, the same for all elements of a parameter.
private struct AdamWNumbers<Scalar: TensorScalar>: Sendable {
  var keep, beta1, beta2, stepSize, deviationScale, epsilon: Scalar
}

/// The elements depend on no other: any number of threads gives the same bits.
private func update<Scalar: TensorScalar>(
  _ value: inout [Scalar], _ gradient: [Scalar], _ first: inout [Scalar],
  _ second: inout [Scalar], _ numbers: AdamWNumbers<Scalar>
) {
  value.withUnsafeMutableBufferPointer { p in
    gradient.withUnsafeBufferPointer { g in
      first.withUnsafeMutableBufferPointer { m in
        second.withUnsafeMutableBufferPointer { v in
          // Threads write to chunks of their own.
          nonisolated(unsafe) let (p, g, m, v) = (p, g, m, v)
          ElementChunks.forEach(of: p.count) { update(p, g, m, v, $1, numbers) }
        }
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func update<Scalar: TensorScalar>(
  _ p: UnsafeMutableBufferPointer<Scalar>, _ g: UnsafeBufferPointer<Scalar>,
  _ m: UnsafeMutableBufferPointer<Scalar>, _ v: UnsafeMutableBufferPointer<Scalar>,
  _ range: Range<Int>, _ numbers: AdamWNumbers<Scalar>
) {
  let (beta1, beta2) = (numbers.beta1, numbers.beta2)
  for i in range {
    let slope = g[unchecked: i]
    let mean = m[unchecked: i] + (1 - beta1) * (slope - m[unchecked: i])
    let square = beta2 * v[unchecked: i] + (1 - beta2) * slope * slope
    m[unchecked: i] = mean
    v[unchecked: i] = square
    let deviation = square.squareRoot() * numbers.deviationScale + numbers.epsilon
    p[unchecked: i] = p[unchecked: i] * numbers.keep - numbers.stepSize * mean / deviation
  }
}
