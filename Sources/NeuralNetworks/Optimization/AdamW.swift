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
  private var firstMoments: [[Scalar]]
  private var secondMoments: [[Scalar]]

  /// An optimizer of the parameters that require a gradient.
  public init(
    _ parameters: [Variable<Scalar>], learningRate: Double,
    betas: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0.01
  ) {
    self.parameters = parameters.filter(\.requiresGradient)
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
      update(
        &parameter.value.scalars, gradient.scalars, &firstMoments[index], &secondMoments[index],
        keep: Scalar(1 - learningRate * weightDecay), beta1: Scalar(betas.first),
        beta2: Scalar(betas.second), stepSize: Scalar(learningRate / correction1),
        deviationScale: Scalar(1 / correction2.squareRoot()), epsilon: Scalar(epsilon))
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

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func update<Scalar: TensorScalar>(
  _ value: inout [Scalar], _ gradient: [Scalar], _ first: inout [Scalar],
  _ second: inout [Scalar], keep: Scalar, beta1: Scalar, beta2: Scalar, stepSize: Scalar,
  deviationScale: Scalar, epsilon: Scalar
) {
  value.withUnsafeMutableBufferPointer { p in
    gradient.withUnsafeBufferPointer { g in
      first.withUnsafeMutableBufferPointer { m in
        second.withUnsafeMutableBufferPointer { v in
          for i in 0..<p.count {
            let slope = g[unchecked: i]
            let mean = m[unchecked: i] + (1 - beta1) * (slope - m[unchecked: i])
            let square = beta2 * v[unchecked: i] + (1 - beta2) * slope * slope
            m[unchecked: i] = mean
            v[unchecked: i] = square
            let deviation = square.squareRoot() * deviationScale + epsilon
            p[unchecked: i] = p[unchecked: i] * keep - stepSize * mean / deviation
          }
        }
      }
    }
  }
}
