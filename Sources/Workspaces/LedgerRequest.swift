import Foundation
import GRDB

/// A question to a describer, keyed by its content.
public struct LedgerRequest: Codable, Sendable, Equatable {
  /// Hash of the frames' bytes, their timestamps, layout, prompt, model and
  /// sampling: the same key is the same question.
  public var key: String
  /// The first video the question was about; another with the same content
  /// shares the answer.
  public var videoID: String
  /// The selection the frames come from.
  public var selectionKey: String?
  /// The describer's kind: `openai` or `builtin`.
  public var describerKind: String
  /// The model's name.
  public var model: String
  /// The prompt template's name, version and hash.
  public var promptName: String
  public var promptVersion: String
  public var promptHash: String
  /// How frames and text are put together: `stills`.
  public var layout: String
  /// The sampling fields that were asked for, as JSON.
  public var sampling: String
  /// One entry a frame (index, timestamp, size sent, hash of its pixels), as JSON.
  public var frames: String
  /// How many prompt tokens the frames should cost; nil where nothing predicts it.
  public var predictedImageTokens: Int?
  /// When the question was first asked.
  public var created: Date

  public init(
    key: String, videoID: String, selectionKey: String?, describerKind: String, model: String,
    promptName: String, promptVersion: String, promptHash: String, layout: String,
    sampling: String, frames: String, predictedImageTokens: Int?, created: Date = Date()
  ) {
    self.key = key
    self.videoID = videoID
    self.selectionKey = selectionKey
    self.describerKind = describerKind
    self.model = model
    self.promptName = promptName
    self.promptVersion = promptVersion
    self.promptHash = promptHash
    self.layout = layout
    self.sampling = sampling
    self.frames = frames
    self.predictedImageTokens = predictedImageTokens
    self.created = created
  }
}

extension LedgerRequest: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "requests"
}
