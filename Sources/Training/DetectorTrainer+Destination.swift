import Foundation

extension DetectorTrainer {
  /// Where a run leaves its files.
  public struct Destination {
    /// The run's folder: `checkpoint.safetensors` is rewritten after every epoch,
    /// `state.safetensors` while the run is unfinished.
    public var folder: URL
    /// What the checkpoint contains of the run; epoch and completeness are filled in.
    public var record: CheckpointRecord
    /// Names settings and data: a saved state with another fingerprint is an error.
    public var fingerprint: String
    /// How long finished steps wait for a save.
    public var saveEvery: Duration

    public init(
      folder: URL, record: CheckpointRecord, fingerprint: String = "",
      saveEvery: Duration = .seconds(300)
    ) {
      self.folder = folder
      self.record = record
      self.fingerprint = fingerprint
      self.saveEvery = saveEvery
    }

    public static let checkpointName = "checkpoint.safetensors"
    public static let stateName = "state.safetensors"

    public var checkpoint: URL { folder.appendingPathComponent(Self.checkpointName) }
    public var state: URL { folder.appendingPathComponent(Self.stateName) }
  }

  /// How a training ended.
  public struct Outcome: Sendable {
    public var epochs: [EpochMetrics]
    /// Whether `shouldStop` ended it early; the state on disk then continues it.
    public var wasStopped: Bool
    /// Wall time of the steps and epochs, those before an interruption included.
    public var seconds: Double
    /// How the weights were chosen on the test set; nil where they were not.
    public var testSelection: TestSelectionRecord?
  }
}
