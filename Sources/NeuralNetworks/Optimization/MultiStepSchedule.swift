/// A learning rate multiplied by `factor` at each milestone, as
/// `torch.optim.lr_scheduler.MultiStepLR`.
public struct MultiStepSchedule: Sendable {
  public var initialRate: Double
  /// The epochs, counted from 0, from which on one more factor applies.
  public var milestones: [Int]
  public var factor: Double

  public init(initialRate: Double, milestones: [Int], factor: Double = 0.1) {
    self.initialRate = initialRate
    self.milestones = milestones
    self.factor = factor
  }

  /// The rate during an epoch, counted from 0.
  public func learningRate(epoch: Int) -> Double {
    milestones.filter { $0 <= epoch }.reduce(initialRate) { rate, _ in rate * factor }
  }
}
