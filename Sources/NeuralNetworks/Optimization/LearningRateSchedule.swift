import Foundation

/// The learning rate of each step: a schedule after a linear warm-up.
public struct LearningRateSchedule: Sendable {
  public enum Shape: Sendable {
    case constant
    /// One more factor from each of these epochs on, as `MultiStepSchedule`.
    case multiStep(milestones: [Int], factor: Double)
    /// Half a cosine from the rate to 0 over the steps that follow the warm-up, as
    /// `torch.optim.lr_scheduler.CosineAnnealingLR` called every step.
    case cosine
  }

  public var initialRate: Double
  public var shape: Shape
  public var stepsPerEpoch: Int
  public var stepCount: Int
  /// Steps over which the rate rises from 0; step 0 has rate 0.
  public var warmupSteps: Int

  public init(
    initialRate: Double, shape: Shape, stepsPerEpoch: Int, stepCount: Int, warmupSteps: Int = 0
  ) {
    self.initialRate = initialRate
    self.shape = shape
    self.stepsPerEpoch = stepsPerEpoch
    self.stepCount = stepCount
    self.warmupSteps = warmupSteps
  }

  /// The rate of a step, counted from 0 over the whole training.
  public func learningRate(step: Int) -> Double {
    if step < warmupSteps { return initialRate * Double(step) / Double(warmupSteps) }
    switch shape {
    case .constant: return initialRate
    case .multiStep(let milestones, let factor):
      return MultiStepSchedule(initialRate: initialRate, milestones: milestones, factor: factor)
        .learningRate(epoch: step / stepsPerEpoch)
    case .cosine:
      let length = max(1, stepCount - warmupSteps)
      let share = Double(min(step - warmupSteps, length)) / Double(length)
      return initialRate * (1 + cos(.pi * share)) / 2
    }
  }
}
