import Datasets
import Video
import Workspaces

/// A chosen frame, as the video has it.
public struct FrameForDescription: Sendable {
  /// The picture at the video's own size.
  public var image: RGBImage
  /// The frame's number in display order, from 0.
  public var frameIndex: Int
  /// The frame's time on the video's clock; of a piece, from the piece's start.
  public var timestampSeconds: Double

  public init(image: RGBImage, frameIndex: Int, timestampSeconds: Double) {
    self.image = image
    self.frameIndex = frameIndex
    self.timestampSeconds = timestampSeconds
  }

  /// The frame as a describer gets it.
  public var shown: ShownFrame {
    ShownFrame(picture: .decoded(image), timestampSeconds: timestampSeconds)
  }
}

/// A frame that is shown to a describer.
public struct ShownFrame: Sendable {
  /// How far its picture is.
  public enum Picture: Sendable {
    /// The pixels, at the video's own size.
    case decoded(RGBImage)
    /// What `Describer.picture(of:)` made of them.
    case ready(SentPicture)
  }

  public var picture: Picture
  /// The frame's time on the video's clock; of a piece, from the piece's start.
  public var timestampSeconds: Double

  public init(picture: Picture, timestampSeconds: Double) {
    self.picture = picture
    self.timestampSeconds = timestampSeconds
  }
}

/// One video for a describer. Neither its id nor its path is ever sent anywhere:
/// data sets name files after their classes.
public struct DescriptionRequest: Sendable {
  /// The video's id, for messages and records.
  public var videoID: String
  /// The video's file, for describers that measure it.
  public var videoPath: String
  /// Names the file's content, so that what was read of it once serves all its pieces;
  /// nil where it is not known.
  public var contentHash: String?
  /// The piece of the file that is meant; nil for the whole.
  public var segment: VideoSegment?
  /// The video's duration; a piece's own.
  public var durationSeconds: Double
  /// The chosen frames in time order.
  public var frames: [ShownFrame]
  /// The video's labels, which only the guard against them reads.
  public var classNames: [String]
  /// The label that is let into the request; nil mostly.
  public var label: String?
  /// What is asked, for describers that are asked something.
  public var prompt: PromptTemplate
  /// Gets every try at the describer; nil where nobody keeps them.
  public var recorder: (any AttemptRecorder)?

  public init(
    videoID: String, videoPath: String, contentHash: String? = nil,
    segment: VideoSegment? = nil, durationSeconds: Double,
    frames: [ShownFrame], prompt: PromptTemplate, classNames: [String] = [],
    label: String? = nil,
    recorder: (any AttemptRecorder)? = nil
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
  /// Whether the answer is whole.
  public enum Status: String, Codable, Sendable {
    case complete
    /// Cut at the token limit; what there is was kept.
    case truncated
  }

  /// The sentences, without white space around them; never empty.
  public var text: String
  /// Who answered.
  public var describer: DescriberIdentity
  /// Whether it is whole.
  public var status: Status
  /// What the server counted; nil where it does not say.
  public var promptTokens: Int?
  public var completionTokens: Int?
  /// The answer as JSON, where it was asked for in a schema.
  public var structured: String?
  /// The endpoint, where it should have counted prompt tokens and did not.
  var uncountedAt: String?
  /// How many descriptions are nearly this one, where they have just become too many.
  var alarmingGroup: Int?
  /// What the answer's checks found; nothing that is fatal.
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
