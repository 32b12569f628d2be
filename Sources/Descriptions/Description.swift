import Datasets
import Encoders
import Video
import Workspaces

/// A request to describe one video. Neither the video's id nor its path is ever sent: data
/// sets name files after their classes.
public struct DescriptionRequest: Sendable {
  /// The video's id, for messages and records.
  public var videoID: String
  /// The video's file, for describers that measure it.
  public var videoPath: String
  /// Identifies the file's content, so that one reading of the file serves all its pieces;
  /// nil if it is not known.
  public var contentHash: String?
  /// How the file's pictures are read, for describers that measure it.
  public var view = VideoView.asRecorded
  /// The piece of the file to describe; nil for the whole file.
  public var segment: VideoSegment?
  /// The duration of the video or of the piece.
  public var durationSeconds: Double
  /// The chosen frames in time order; empty for a describer that sends none.
  public var frames: [SentFrame]
  /// The video's labels. Only the guard against leaking them reads them.
  public var classNames: [String]
  /// The label that the request may contain; usually nil.
  public var label: String?
  /// The question, for describers that ask a model.
  public var prompt: PromptTemplate
  /// Stores every attempt; nil if nobody stores them.
  public var recorder: AttemptRecorder?
  /// `VideoMotion`'s samples of the video or of the piece, if the selection of the frames
  /// measured them; nil for a describer that measures them itself, or needs none.
  package var motion: [MotionSample]?

  public init(
    videoID: String, videoPath: String, contentHash: String? = nil,
    segment: VideoSegment? = nil, durationSeconds: Double,
    frames: [SentFrame], prompt: PromptTemplate, classNames: [String] = [],
    label: String? = nil,
    recorder: AttemptRecorder? = nil
  ) {
    self.videoID = videoID
    self.videoPath = videoPath
    self.contentHash = contentHash
    self.segment = segment
    self.durationSeconds = durationSeconds
    self.frames = frames
    self.prompt = prompt
    self.classNames = classNames
    self.label = label
    self.recorder = recorder
  }
}

/// A describer's accepted answer.
public struct Description: Codable, Sendable, Equatable {
  /// Whether the answer is complete.
  public enum Status: String, Codable, Sendable {
    case complete
    /// Cut at the token limit; the words before the cut were kept.
    case truncated
  }

  /// The sentences, without surrounding white space; never empty.
  public var text: String
  /// The describer that answered.
  public var describer: DescriberIdentity
  /// Whether the answer is complete.
  public var status: Status
  /// The server's token counts; nil if it does not report them.
  public var promptTokens: Int?
  public var completionTokens: Int?
  /// The answer as JSON, if the prompt asks for a schema.
  public var structured: String?
  /// The endpoint, if it should have reported prompt tokens and did not.
  var uncountedAt: String?
  /// The tokens of its pictures, if they were predicted and counted.
  var pictureTokens: PictureTokens?
  /// The number of nearly equal descriptions, if this one made them too many.
  var alarmingGroup: Int?
  /// The findings of the answer's checks; none of them is fatal.
  public var findings: [AnswerFinding]

  public init(
    text: String, describer: DescriberIdentity, status: Status = .complete,
    promptTokens: Int? = nil, completionTokens: Int? = nil, findings: [AnswerFinding] = [],
    structured: String? = nil
  ) {
    self.text = text
    self.describer = describer
    self.status = status
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.findings = findings
    self.structured = structured
  }
}
