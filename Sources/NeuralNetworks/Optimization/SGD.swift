import Tensors

/// Stochastic gradient descent with momentum, step by step as `torch.optim.SGD`: no dampening,
/// no Nesterov step, and the weight decay is part of the gradient.
public struct SGD<Scalar: TensorScalar> {
  /// The step size; a schedule changes it between steps.
  public var learningRate: Double
  public var momentum: Double
  public var weightDecay: Double
  /// How many steps were taken.
  public private(set) var stepCount = 0

  private let parameters: [Variable<Scalar>]
  private let rateFactors: [Double]
  private var velocities: [[Scalar]]

  /// An optimizer of the parameters that require a gradient.
  ///
  /// - Parameter rateFactors: what multiplies the learning rate of each parameter, as a group
  ///   of its own does in PyTorch; nil for 1.
  /// - Precondition: there are as many factors as parameters.
  public init(
    _ parameters: [Variable<Scalar>], learningRate: Double, momentum: Double = 0.9,
    weightDecay: Double = 0, rateFactors: [Double]? = nil
  ) {
    (self.parameters, self.rateFactors) = trained(parameters, rateFactors)
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    velocities = self.parameters.map { (zeros($0.shape) as Tensor<Scalar>).scalars }
  }

  /// Moves every parameter that has a gradient, and forgets the gradients.
  public mutating func step() {
    stepCount += 1
    for (index, parameter) in parameters.enumerated() {
      guard let gradient = parameter.gradient else { continue }
      update(
        &parameter.value.scalars, gradient.scalars, &velocities[index],
        SGDNumbers(
          decay: Scalar(weightDecay), momentum: Scalar(momentum),
          stepSize: Scalar(learningRate * rateFactors[index])))
      parameter.clearGradient()
    }
  }

  /// The velocities and the step count: what a resumed run needs to go on to the bit.
  public struct State {
    public var stepCount: Int
    /// Of each parameter that requires a gradient, in the parameters' order.
    public var velocities: [[Scalar]]

    public init(stepCount: Int, velocities: [[Scalar]]) {
      self.stepCount = stepCount
      self.velocities = velocities
    }
  }

  /// The state between two steps.
  ///
  /// - Precondition: a new value has the velocities of the same parameters.
  public var state: State {
    get { State(stepCount: stepCount, velocities: velocities) }
    set {
      precondition(
        newValue.velocities.map(\.count) == velocities.map(\.count),
        "the velocities of another model")
      stepCount = newValue.stepCount
      velocities = newValue.velocities
    }
  }
}

/// The numbers of one step, the same for all elements of a parameter.
private struct SGDNumbers<Scalar: TensorScalar>: Sendable {
  var decay, momentum, stepSize: Scalar
}

/// The elements depend on no other: any number of threads gives the same bits.
private func update<Scalar: TensorScalar>(
  _ value: inout [Scalar], _ gradient: [Scalar], _ velocity: inout [Scalar],
  _ numbers: SGDNumbers<Scalar>
) {
  value.withUnsafeMutableBufferPointer { p in
    gradient.withUnsafeBufferPointer { g in
      velocity.withUnsafeMutableBufferPointer { v in
        // Threads write to chunks of their own.
        nonisolated(unsafe) let (p, g, v) = (p, g, v)
        ElementChunks.forEach(of: p.count) { update(p, g, v, $1, numbers) }
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func update<Scalar: TensorScalar>(
  _ p: UnsafeMutableBufferPointer<Scalar>, _ g: UnsafeBufferPointer<Scalar>,
  _ v: UnsafeMutableBufferPointer<Scalar>, _ range: Range<Int>, _ numbers: SGDNumbers<Scalar>
) {
  for i in range {
    let slope = g[unchecked: i] + numbers.decay * p[unchecked: i]
    v[unchecked: i] = numbers.momentum * v[unchecked: i] + slope
    p[unchecked: i] = p[unchecked: i] - numbers.stepSize * v[unchecked: i]
  }
}
