import Records

/// How a detector is trained; the defaults are VadCLIP's for UCF-Crime.
public struct TrainingConfiguration: Codable, Sendable, Equatable {
  /// Which weights are kept.
  public enum Selection: String, Codable, Sendable, CaseIterable {
    /// Those after the last epoch.
    case last
    /// Those of the epoch with the best validation score (video-level AUC, or the
    /// lowest validation loss where AUC is undefined). Needs a validation split.
    case bestValidation
    /// Those that score best on the test set, as VadCLIP's code keeps them. Only
    /// `train-dbm reproduce --protocol legacy` chooses so.
    case bestTest
  }

  /// Which videos share a batch.
  public enum Batches: String, Codable, Sendable, CaseIterable {
    /// Half normal, half anomalous, in two streams (VadCLIP's UCF-Crime).
    case balanced
    /// One shuffled stream of all; the last batch of an epoch may be smaller (VadCLIP's
    /// XD-Violence).
    case shuffled
  }

  /// When an epoch of balanced batches ends.
  public enum EpochEnd: String, Codable, Sendable, CaseIterable {
    /// When all videos of the larger side were seen; the smaller side begins again.
    case largerSide
    /// When the smaller side has no whole half batch left: what is left over of both sides is
    /// dropped (VadCLIP's loader, 125 steps on UCF-Crime).
    case smallerSide
  }

  public enum Optimizer: String, Codable, Sendable, CaseIterable {
    case adamw
    /// With `momentum`, and the weight decay as a part of the gradient.
    case sgd
  }

  /// How the learning rate falls.
  public enum Schedule: String, Codable, Sendable, CaseIterable {
    /// By `milestoneFactor` at each of the `milestones`.
    case multistep
    /// Half a cosine to 0 over all steps after the warm-up.
    case cosine
    case constant
  }

  public var epochs: Int
  /// Videos per step.
  public var batchSize: Int
  public var batches: Batches
  public var epochEnd: EpochEnd
  public var optimizer: Optimizer
  /// What SGD keeps of its last step.
  public var momentum: Double
  public var learningRate: Double
  /// Multiples of the learning rate for parts of the model, `label_prompt=0.1,temporal=2`: each
  /// name is the beginning of parameters' names, and the longest one counts; or `none`.
  public var rateFactors: String
  /// Steps over which the rate rises from 0 first.
  public var warmupSteps: Int
  public var schedule: Schedule
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
  public var engine: DetectorEngine
  /// Only of the engine `video`.
  public var precision: ProductPrecision

  public init(
    epochs: Int = 10, batchSize: Int = 128, learningRate: Double = 2e-5,
    milestones: [Int] = [4, 8], milestoneFactor: Double = 0.1, weightDecay: Double = 0.01,
    gradientNormLimit: Double? = nil, inputDropout: Double = 0, seed: UInt64 = 234,
    selection: Selection = .last, batches: Batches = .balanced, epochEnd: EpochEnd = .largerSide,
    optimizer: Optimizer = .adamw, momentum: Double = 0.9, rateFactors: String = "none",
    warmupSteps: Int = 0, schedule: Schedule = .multistep, engine: DetectorEngine = .video,
    precision: ProductPrecision = .f32
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.batches = batches
    self.epochEnd = epochEnd
    self.optimizer = optimizer
    self.momentum = momentum
    self.learningRate = learningRate
    self.rateFactors = rateFactors
    self.warmupSteps = warmupSteps
    self.schedule = schedule
    self.milestones = milestones
    self.milestoneFactor = milestoneFactor
    self.weightDecay = weightDecay
    self.gradientNormLimit = gradientNormLimit
    self.inputDropout = inputDropout
    self.seed = seed
    self.selection = selection
    self.engine = engine
    self.precision = precision
  }

  /// What each setting means, by property name.
  public static let help = [
    "epochs": "passes over the training set",
    "batchSize": "videos per step",
    "batches": "half normal and half abnormal videos, or one shuffled stream",
    "epochEnd": "balanced: all of the larger side, or whole batches of the smaller one",
    "optimizer": "AdamW, or SGD with momentum",
    "momentum": "what SGD keeps of its last step",
    "learningRate": "the optimizer's learning rate",
    "rateFactors": "name=x,...: parts of the model that learn x times as fast",
    "warmupSteps": "steps over which the rate rises from 0 first",
    "schedule": "the rate falls at milestones, by a cosine to 0 at the end, or never",
    "milestones": "epochs, from 0, that begin with a lower rate",
    "milestoneFactor": "the rate's factor at each milestone",
    "weightDecay": "weight decay: decoupled for AdamW, in the gradient for SGD",
    "gradientNormLimit": "greatest norm of all gradients together",
    "inputDropout": "chance of zeroing an input feature in training",
    "engine": "explicit code video by video, or every operation on the tape",
    "precision": "numbers of the explicit code's products; weights and sums stay f32",
    "selection":
      "the last epoch's, or the best on held-out videos (--hold-out); bestTest: reproduce",
  ]

  /// Settings that are younger than a checkpoint have their defaults there.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    let standard = Self()
    self.init(
      epochs: try values.decode(Int.self, forKey: .epochs),
      batchSize: try values.decode(Int.self, forKey: .batchSize),
      learningRate: try values.decode(Double.self, forKey: .learningRate),
      milestones: try values.decode([Int].self, forKey: .milestones),
      milestoneFactor: try values.decode(Double.self, forKey: .milestoneFactor),
      weightDecay: try values.decode(Double.self, forKey: .weightDecay),
      gradientNormLimit: try values.decodeIfPresent(Double.self, forKey: .gradientNormLimit),
      inputDropout: try values.decode(Double.self, forKey: .inputDropout),
      seed: try values.decode(UInt64.self, forKey: .seed),
      selection: try values.decode(Selection.self, forKey: .selection),
      batches: try value(.batches, standard.batches),
      epochEnd: try value(.epochEnd, standard.epochEnd),
      optimizer: try value(.optimizer, standard.optimizer),
      momentum: try value(.momentum, standard.momentum),
      rateFactors: try value(.rateFactors, standard.rateFactors),
      warmupSteps: try value(.warmupSteps, standard.warmupSteps),
      schedule: try value(.schedule, standard.schedule),
      engine: try value(.engine, standard.engine),
      precision: try value(.precision, standard.precision))
  }

  /// Checks what the types cannot say.
  ///
  /// - Throws: `DetectorError.badConfiguration` naming the key.
  public func validate() throws {
    let check = DetectorError.check
    try check(epochs > 0, "epochs", epochs, "at least 1")
    try check(batchSize > 1, "batchSize", batchSize, "at least 2: one normal, one anomalous")
    try check(
      epochEnd == .largerSide || batches == .balanced, "epochEnd", epochEnd.rawValue,
      "largerSide with batches=shuffled, which has no sides")
    try check(0..<1 ~= momentum, "momentum", momentum, "0 or more, below 1")
    _ = try RateFactors(rateFactors)
    try check(warmupSteps >= 0, "warmupSteps", warmupSteps, "0 or more")
    try check(
      learningRate > 0 && learningRate.isFinite, "learningRate", learningRate, "a positive rate")
    try check(weightDecay >= 0, "weightDecay", weightDecay, "0 or more")
    try check(
      precision == .f32 || engine == .video, "precision", precision.rawValue,
      "f32 with engine=tape")
    try check(milestoneFactor > 0, "milestoneFactor", milestoneFactor, "a positive factor")
    try check(0..<1 ~= inputDropout, "inputDropout", inputDropout, "0 or more, below 1")
    try check(
      gradientNormLimit.map { $0 > 0 } ?? true, "gradientNormLimit",
      gradientNormLimit ?? 0, "a positive norm")
  }
}

extension DetectorPlan {
  /// The plan as JSON for a fingerprint. Settings that earlier versions did not have are left
  /// out where they have their defaults, so that the runs of those versions are found again.
  package func fingerprintJSON() throws -> JSONValue {
    var json = try JSONValue(encoding: self)
    func leaveOut(_ keys: [String], of part: String, like standard: JSONValue) {
      guard var values = json[part] else { return }
      for key in keys where values[key] == standard[key] { values[key] = nil }
      json[part] = values
    }
    leaveOut(
      [
        "batches", "epochEnd", "optimizer", "momentum", "rateFactors", "warmupSteps", "schedule",
        "engine", "precision",
      ], of: "training", like: try JSONValue(encoding: TrainingConfiguration()))
    leaveOut(
      ["roundsHalfMeans"], of: "inputs",
      like: try JSONValue(encoding: DetectorInputs(classes: [])))
    // These follow from others, or count only with a choice that is as young.
    json["promptLayout"] = nil
    json["inputs"]?["normalClass"] = nil
    if json["configuration"]?["contrastiveTargets"] != .string("maskedDuplicates") {
      json["configuration"]?["duplicateCosine"] = nil
    }
    return json
  }
}
