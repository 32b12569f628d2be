/// How a detector is trained; the defaults are VadCLIP's for UCF-Crime.
public struct TrainingConfiguration: Codable, Sendable, Equatable {
  /// Which weights are kept.
  public enum Selection: String, Codable, Sendable, CaseIterable {
    /// Those after the last epoch.
    case last
    /// Those of the epoch with the best validation score (video-level AUC, or the
    /// lowest validation loss where AUC is undefined). Needs a validation split.
    case bestValidation
  }

  public var epochs: Int
  /// Videos per step: half normal, half anomalous.
  public var batchSize: Int
  public var learningRate: Double
  /// Epochs, counted from 0, from which on the rate is multiplied by
  /// `milestoneFactor` once more.
  public var milestones: [Int]
  public var milestoneFactor: Double
  public var weightDecay: Double
  /// The most the norm of all gradients together may be; nil: no limit (VadCLIP).
  public var gradientNormLimit: Double?
  /// Chance of zeroing an input feature during training (VadCLIP: 0).
  public var inputDropout: Double
  /// Seeds batches and dropout. The model is seeded where it is made.
  public var seed: UInt64
  public var selection: Selection

  public init(
    epochs: Int = 10, batchSize: Int = 128, learningRate: Double = 2e-5,
    milestones: [Int] = [4, 8], milestoneFactor: Double = 0.1, weightDecay: Double = 0.01,
    gradientNormLimit: Double? = nil, inputDropout: Double = 0, seed: UInt64 = 234,
    selection: Selection = .last
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.milestones = milestones
    self.milestoneFactor = milestoneFactor
    self.weightDecay = weightDecay
    self.gradientNormLimit = gradientNormLimit
    self.inputDropout = inputDropout
    self.seed = seed
    self.selection = selection
  }

  /// What each setting means, by property name.
  public static let help = [
    "epochs": "passes over the training set",
    "batchSize": "videos per step, half of them normal",
    "learningRate": "AdamW's learning rate",
    "milestones": "epochs, from 0, that begin with a lower rate",
    "milestoneFactor": "the rate's factor at each milestone",
    "weightDecay": "AdamW's decoupled weight decay",
    "gradientNormLimit": "greatest norm of all gradients together",
    "inputDropout": "chance of zeroing an input feature in training",
    "selection": "keep the last epoch, or the best on held-out videos (--hold-out)",
  ]

  /// Checks what the types cannot say.
  ///
  /// - Throws: `DetectorError.badConfiguration` naming the key.
  public func validate() throws {
    let check = DetectorError.check
    try check(epochs > 0, "epochs", epochs, "at least 1")
    try check(batchSize > 1, "batchSize", batchSize, "at least 2: one normal, one anomalous")
    try check(
      learningRate > 0 && learningRate.isFinite, "learningRate", learningRate, "a positive rate")
    try check(weightDecay >= 0, "weightDecay", weightDecay, "0 or more")
    try check(milestoneFactor > 0, "milestoneFactor", milestoneFactor, "a positive factor")
    try check(0..<1 ~= inputDropout, "inputDropout", inputDropout, "0 or more, below 1")
    try check(
      gradientNormLimit.map { $0 > 0 } ?? true, "gradientNormLimit",
      gradientNormLimit ?? 0, "a positive norm")
  }
}
