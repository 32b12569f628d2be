import Encoders
import Video

/// The built-in describer, which needs no model: sentences of facts measured in
/// the video file. Measured, not understood: a baseline, and honest about it.
public struct BuiltInDescriber: Describer {
  private let work: BlockingWork

  /// - Parameter jobs: how many videos are measured at once.
  public init(jobs: Int = BlockingWork.cores) {
    work = BlockingWork(width: jobs)
  }

  public var identity: DescriberIdentity {
    DescriberIdentity(kind: .builtin, model: "motion-facts-v1")
  }

  /// Decodes the video once at a small size and describes it; the request's
  /// frames and prompt are not looked at.
  ///
  /// - Throws: `VideoError` where the file is no readable video.
  public func describe(_ request: DescriptionRequest) async throws -> Description {
    let path = request.videoPath
    let text = try await work.run { try Self.text(describing: path) }
    return Description(text: text, describer: identity)
  }

  /// The sentences about the video at `path`; the same for the same file.
  public static func text(describing path: String) throws -> String {
    MotionFactsText(facts: MotionFacts(try samples(of: path))).text
  }

  /// The motion of a video, about `MotionNovelty.framesPerSecond` times a second.
  private static func samples(of path: String) throws -> [MotionSample] {
    let reader = try VideoReader(
      path: path, scaledTo: .longestSide(MotionImage.longestSide))
    let step = max(
      1, Int((reader.info.averageFrameRate / MotionNovelty.framesPerSecond).rounded()))
    var analyzer = MotionAnalyzer()
    var samples: [MotionSample] = []
    while true {
      if reader.decodedFrameCount % step == 0 {
        guard let frame = try reader.nextFrame() else { break }
        samples.append(analyzer.observe(frame.image, at: frame.timestampSeconds))
      } else if try reader.skipFrame() == nil {
        break
      }
    }
    return samples
  }
}
