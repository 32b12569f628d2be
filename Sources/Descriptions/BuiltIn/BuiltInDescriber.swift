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
    DescriberIdentity(kind: .builtin, model: "motion-facts-v1")
  }

  /// Decodes the video once at a small size and describes it. The request's frames and prompt
  /// are ignored.
  ///
  /// - Throws: `VideoError` if the file is not a readable video.
  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let (path, segment, hash) = (request.videoPath, request.segment, request.contentHash)
    let text = try await work.run { [indexes] in
      guard let segment, let hash else { return try Self.text(describing: path, segment: segment) }
      let video = try indexes.video(at: path, contentHash: hash)
      return try Self.text(
        Self.samples(of: segment, in: video.index), about: segment.id)
    }
    return Description(text: text, describer: identity)
  }

  /// The sentences about the video at `path`, or about a piece of it; always the same for the
  /// same file.
  ///
  /// - Throws: `VideoError`; `DescriptionError.noFrames` for a piece without frames.
  public static func text(describing path: String, segment: VideoSegment? = nil) throws -> String {
    guard let segment else { return try Self.text(samples(of: path), about: path) }
    return try Self.text(samples(of: segment, in: FrameIndex(path: path)), about: segment.id)
  }

  private static func text(_ samples: [MotionSample], about video: String) throws -> String {
    guard !samples.isEmpty else { throw DescriptionError.noFrames(video: video) }
    return MotionFactsText(facts: MotionFacts(samples)).text
  }

  /// The motion of a piece. Only the frames that it needs are decoded.
  private static func samples(of segment: VideoSegment, in index: FrameIndex) throws
    -> [MotionSample]
  {
    guard index.isTrustworthy else {
      return try samples(of: index.info.path, span: segment.span)
    }
    let step = Self.step(index.info)
    let places = index.timestamps.indices
      .filter { segment.span.contains(index.timestamps[$0]) && $0 % step == 0 }
    var analyzer = MotionAnalyzer()
    var samples: [MotionSample] = []
    try SparseFrames.decode(
      at: places, of: index, scaledTo: .longestSide(MotionImage.longestSide)
    ) { frame in
      samples.append(
        analyzer.observe(
          frame.image, at: frame.timestampSeconds - segment.span.lowerBound))
    }
    return samples
  }

  /// The distance, in frames, between the frames that are analyzed.
  private static func step(_ info: VideoInfo) -> Int {
    max(1, Int((info.averageFrameRate / MotionNovelty.framesPerSecond).rounded()))
  }

  /// The motion of a video, about `MotionNovelty.framesPerSecond` times a second.
  private static func samples(of path: String, span: Range<Double>? = nil) throws
    -> [MotionSample]
  {
    let reader = try VideoReader(
      path: path, scaledTo: .longestSide(MotionImage.longestSide))
    let step = step(reader.info)
    var analyzer = MotionAnalyzer()
    var samples: [MotionSample] = []
    while true {
      if reader.decodedFrameCount % step == 0 {
        guard let frame = try reader.nextFrame() else { break }
        let seconds = frame.timestampSeconds
        if let span, seconds >= span.upperBound { break }
        if let span, seconds < span.lowerBound { continue }
        samples.append(analyzer.observe(frame.image, at: seconds - (span?.lowerBound ?? 0)))
      } else if try reader.skipFrame() == nil {
        break
      }
    }
    return samples
  }
}
