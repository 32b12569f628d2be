import Datasets
import Encoders
import KeyEvents
import Records
import Video

/// The built-in describer, which needs no model. Its sentences state facts that it measures
/// in the video file. It is a baseline: it measures the video and does not understand it.
public struct BuiltInDescriber: Describer {
  private let work: BlockingWork
  private let indexes: IndexedVideos

  /// - Parameter jobs: the number of videos that are measured at once.
  public init(jobs: Int = Parallel.cores) {
    work = BlockingWork(width: jobs)
    indexes = IndexedVideos(capacity: max(2, jobs))
  }

  public var identity: DescriberIdentity {
    DescriberIdentity(kind: .builtin, model: "motion-facts-v2")
  }

  /// Describes the motion that the selection of the request's frames measured, or decodes the
  /// video once at a small size and measures it. The request's frames and prompt are ignored.
  ///
  /// - Throws: `VideoError` if the file is not a readable video.
  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let (path, segment, hash) = (request.videoPath, request.segment, request.contentHash)
    let view = request.view
    let motion = request.motion
    let text = try await work.run { [indexes] in
      if let motion { return try Self.text(motion, about: segment?.id ?? path) }
      guard let segment, let hash else {
        return try Self.text(describing: path, view: view, segment: segment)
      }
      let video = try indexes.video(at: path, view: view, contentHash: hash)
      return try Self.text(
        VideoMotion.samples(of: segment.span, in: video.index), about: segment.id)
    }
    return Description(text: text, describer: identity)
  }

  /// The sentences about the video at `path`, or about a piece of it; always the same for the
  /// same file.
  ///
  /// - Throws: `VideoError`; `DescriptionError.noFrames` for a piece without frames.
  public static func text(
    describing path: String, view: VideoView = .asRecorded, segment: VideoSegment? = nil
  ) throws -> String {
    guard let segment else {
      return try Self.text(VideoMotion.samples(of: path, view: view), about: path)
    }
    return try Self.text(
      VideoMotion.samples(of: segment.span, in: FrameIndex(path: path, view: view)),
      about: segment.id)
  }

  private static func text(_ samples: [MotionSample], about video: String) throws -> String {
    guard !samples.isEmpty else { throw DescriptionError.noFrames(video: video) }
    return MotionFactsText(facts: MotionFacts(samples)).text
  }
}
