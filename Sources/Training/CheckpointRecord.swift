import Detectors

/// Everything about a trained detector but its numbers.
public struct CheckpointRecord: Codable, Sendable, Equatable {
  /// The format that this program writes and reads.
  public static let currentVersion = 1

  public var formatVersion: Int
  public var configuration: DBVADConfiguration
  public var training: TrainingConfiguration
  public var visualEncoder: ProvenanceLabel
  /// The encoder of the descriptions, nil where none were used.
  public var descriptionEncoder: ProvenanceLabel?
  /// The encoder of the labels, nil where none were used.
  public var labelEncoder: ProvenanceLabel?
  /// How 16 frames became one vector (`mean16`, `first`, `centre`, `builtin`).
  public var pooling: String
  /// Which crops of a frame were encoded.
  public var crops: String
  /// The data set's name.
  public var dataset: String
  public var seed: UInt64
  /// How many epochs were finished.
  public var epoch: Int
  /// False where training was stopped before its last epoch.
  public var isComplete: Bool

  public init(
    configuration: DBVADConfiguration, training: TrainingConfiguration,
    visualEncoder: ProvenanceLabel, descriptionEncoder: ProvenanceLabel? = nil,
    labelEncoder: ProvenanceLabel? = nil, pooling: String, crops: String = "centre",
    dataset: String, epoch: Int = 0, isComplete: Bool = false
  ) {
    formatVersion = Self.currentVersion
    self.configuration = configuration
    self.training = training
    self.visualEncoder = visualEncoder
    self.descriptionEncoder = descriptionEncoder
    self.labelEncoder = labelEncoder
    self.pooling = pooling
    self.crops = crops
    self.dataset = dataset
    seed = training.seed
    self.epoch = epoch
    self.isComplete = isComplete
  }
}
