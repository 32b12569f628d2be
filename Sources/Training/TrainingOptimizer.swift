import Detectors
import NeuralNetworks

/// The optimizer that a configuration names, with the rates of its parameter groups.
struct TrainingOptimizer {
  // One of them is there. Optionals in place, and no enum with payloads: taking moments out to
  // write them would copy them.
  private var adamW: AdamW<Float>?
  private var sgd: SGD<Float>?

  /// - Throws: `DetectorError.badConfiguration` where `rateFactors` names no parameter.
  init(_ model: DetectorModel, configuration: TrainingConfiguration) throws {
    let parameters = model.namedParameters
    let variables = parameters.map(\.variable)
    let factors = try RateFactors(configuration.rateFactors).factors(
      of: parameters.map(\.name))
    switch configuration.optimizer {
    case .adamw:
      adamW = AdamW(
        variables, learningRate: configuration.learningRate,
        weightDecay: configuration.weightDecay, rateFactors: factors)
    case .sgd:
      sgd = SGD(
        variables, learningRate: configuration.learningRate, momentum: configuration.momentum,
        weightDecay: configuration.weightDecay, rateFactors: factors)
    }
  }

  /// The rate of the parameters without a factor of their own.
  var learningRate: Double {
    get { adamW?.learningRate ?? sgd?.learningRate ?? 0 }
    set {
      adamW?.learningRate = newValue
      sgd?.learningRate = newValue
    }
  }

  /// Moves the parameters and forgets their gradients.
  mutating func step() {
    adamW?.step()
    sgd?.step()
  }

  /// Steps taken, and what the optimizer keeps of each trained parameter: both moments, or
  /// SGD's velocity as `first`.
  var state: (stepCount: Int, first: [[Float]], second: [[Float]]) {
    get {
      if let state = adamW?.state {
        return (state.stepCount, state.firstMoments, state.secondMoments)
      }
      return (sgd?.state.stepCount ?? 0, sgd?.state.velocities ?? [], [])
    }
    set {
      adamW?.state = .init(
        stepCount: newValue.stepCount, firstMoments: newValue.first,
        secondMoments: newValue.second)
      sgd?.state = .init(stepCount: newValue.stepCount, velocities: newValue.first)
    }
  }
}

extension LearningRateSchedule {
  /// The schedule of a configuration.
  init(_ configuration: TrainingConfiguration, stepsPerEpoch: Int, stepCount: Int) {
    let shape: Shape =
      switch configuration.schedule {
      case .multistep:
        .multiStep(
          milestones: configuration.milestones, factor: configuration.milestoneFactor)
      case .cosine: .cosine
      case .constant: .constant
      }
    self.init(
      initialRate: configuration.learningRate, shape: shape, stepsPerEpoch: stepsPerEpoch,
      stepCount: stepCount, warmupSteps: configuration.warmupSteps)
  }
}
