import Datasets
import Descriptions
import Foundation
import HTTP
import Records
import Synchronization
import TestSupport
import Video
import Workspaces

/// Frames, prompts and describers for tests.
enum DescribingFixture {
  static let promptSource = """
    ---
    name: test
    version: 3
    ---
    A video of {{durationSeconds}} s, {{count}} stills in time order, unevenly spaced.
    {{#frames}}
    Frame {{number}} of {{count}}, time {{timeSeconds}} s:{{image}}
    {{/frames}}
    What happens?
    """

  static func prompt(_ source: String = promptSource) throws -> PromptTemplate {
    try PromptTemplate(source: source, file: "test.mustache")
  }

  /// A picture that depends on its seed.
  static func image(_ seed: Int, width: Int = 64, height: Int = 48) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for index in image.pixels.indices {
      image.pixels[index] = UInt8(truncatingIfNeeded: index &* (seed &+ 3) / 7)
    }
    return image
  }

  /// Writes a video of this many different pictures, ten per second.
  ///
  /// - Returns: its path.
  static func clip(frames: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder.file("clip.mp4").path
    let writer = try VideoWriter(path: path, width: 96, height: 64, frameRate: 10)
    for frame in 0..<frames { try writer.append(image(frame, width: 96, height: 64)) }
    try writer.finish()
    return path
  }

  static func frames(_ seed: Int, count: Int = 3) -> [VideoFrame] {
    (0..<count).map {
      VideoFrame(
        frameIndex: $0 * 25, timestampSeconds: Double($0) * 1.27, image: image(seed * 10 + $0))
    }
  }

  /// A frame as a describer with default options sends it.
  static func sent(_ frame: VideoFrame) throws -> SentFrame {
    try SentFrame(frame, budget: VisionFamily.fallback.budget(), jpegQuality: 90)
  }

  static func request(_ videoID: String = "Abuse028_x264", seed: Int = 1, count: Int = 3) throws
    -> DescriptionRequest
  {
    DescriptionRequest(
      videoID: videoID, videoPath: "/data/Abuse/\(videoID).mp4", durationSeconds: 12.34,
      frames: try frames(seed, count: count).map(sent), prompt: try prompt())
  }

  /// A retry policy that never waits; `waits` records the pauses it would have made.
  static func quickRetry(
    attempts: Int = 5, waits: WaitLog = WaitLog()
  ) -> RetryPolicy {
    RetryPolicy(
      maximumAttempts: attempts, jitter: { 0.5 }, sleep: { waits.note($0) })
  }

  /// A pool that never waits.
  static func quickPool(_ concurrency: ConcurrencyRule = .automatic) -> EndpointPoolOptions {
    EndpointPoolOptions(concurrency: concurrency, sleep: { _ in await Task.yield() })
  }

  static func connect(
    _ server: FaultInjectingServer, retry: RetryPolicy = quickRetry(),
    timeouts: HTTPTimeouts = HTTPTimeouts(), sampling: SamplingParameters = SamplingParameters(),
    checks: AnswerChecks = AnswerChecks(), concurrency: ConcurrencyRule = .automatic
  ) async throws -> OpenAIDescriber {
    try await connect(
      [server], retry: retry, timeouts: timeouts, sampling: sampling, checks: checks,
      concurrency: concurrency)
  }

  static func connect(
    _ servers: [FaultInjectingServer], retry: RetryPolicy = quickRetry(),
    timeouts: HTTPTimeouts = HTTPTimeouts(), sampling: SamplingParameters = SamplingParameters(),
    checks: AnswerChecks = AnswerChecks(), concurrency: ConcurrencyRule = .automatic,
    mayMixModels: Bool = false
  ) async throws -> OpenAIDescriber {
    try await OpenAIDescriber.connect(
      endpoints: servers.map(\.base),
      options: OpenAIDescriber.Options(
        sampling: sampling, retry: retry, timeouts: timeouts, pool: quickPool(concurrency),
        checks: checks, mayMixModels: mayMixModels))
  }
}

/// The waits that a retry loop asked for.
final class WaitLog: Sendable {
  private let log = Mutex<[Double]>([])
  var seconds: [Double] { log.withLock { $0 } }
  func note(_ seconds: Double) { log.withLock { $0.append(seconds) } }
}

/// The warnings of a run.
final class Warnings: Sendable {
  private let log = Mutex<[String]>([])
  var all: [String] { log.withLock { $0 } }
  func note(_ warning: String) { log.withLock { $0.append(warning) } }
}

/// The videos whose frames were decoded.
final class DecodingLog: Sendable {
  private let log = Mutex<[String]>([])
  var videoIDs: [String] { log.withLock { $0 } }
  func note(_ videoID: String) { log.withLock { $0.append(videoID) } }
}

/// Files that stand for videos, and frames for them that depend on the video only.
struct FakeVideos: KeyFrameSource {
  let folder: URL
  // Removes the folder at the end; nil for another process's folder.
  private let owner: TemporaryFolder?
  let videos: [DatasetVideo]
  /// Part of the selection's key, as a strategy's parameters are.
  var parameters = "p1"
  /// Videos whose selection fails.
  var broken: Set<String> = []
  /// Gets the id of each video whose frames are decoded.
  var decodings: DecodingLog?

  init(_ count: Int) throws {
    let owner = try TemporaryFolder()
    self.owner = owner
    folder = owner.url
    videos = Self.list(folder, count: count)
    for video in videos {
      try Data("content of \(video.id)".utf8).write(to: URL(fileURLWithPath: video.path))
    }
  }

  /// The videos that another process made in a folder.
  init(in path: String) {
    owner = nil
    folder = URL(fileURLWithPath: path)
    videos = Self.list(folder, count: 10)
  }

  private static func list(_ folder: URL, count: Int) -> [DatasetVideo] {
    (0..<count).map { number in
      let id = "Fighting\(100 + number)_x264"
      return DatasetVideo(
        id: id, path: folder.appendingPathComponent("\(id).mp4").path, split: "train",
        classNames: ["Fighting"],
        isAnomalous: true)
    }
  }

  func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String {
    let piece = video.segment.map { " \($0.startSeconds) \($0.isLast)" } ?? ""
    return "\(fingerprint.hash.prefix(16))-\(parameters)\(piece)"
  }

  private static func seed(of video: DatasetVideo) -> Int {
    (Int(video.id.filter(\.isNumber).prefix(3)) ?? 0)
      + (video.segment.map { $0.startSeconds + 1 } ?? 0)
  }

  func chosenFrames(of video: DatasetVideo, fingerprint: VideoFingerprint) throws -> ChosenFrames {
    if broken.contains(video.id) {
      throw RecordError.unreadableVideo(path: video.path, reason: "no frames in it")
    }
    let seed = Self.seed(of: video)
    return ChosenFrames(
      frameIndices: DescribingFixture.frames(seed).map(\.frameIndex),
      durationSeconds: Double(seed),
      selection: LedgerSelection(
        videoID: video.id, key: try selectionKey(for: video, fingerprint: fingerprint),
        strategy: "uniform", scorer: "none"),
      sentFramesFile: folder.appendingPathComponent("\(video.id).frames"))
  }

  func decode(
    _ chosen: ChosenFrames, of video: DatasetVideo, fingerprint: VideoFingerprint
  ) throws -> [VideoFrame] {
    decodings?.note(video.id)
    return DescribingFixture.frames(Self.seed(of: video))
  }

  /// A run over the videos into a workspace beside them.
  func run(
    _ describer: any Describer, prompt: PromptTemplate? = nil, jobs: Int = 3,
    segmentSeconds: Int? = nil, onlyFailed: Bool = false,
    workspace name: String = "workspace", keepsFrames: Bool = true
  ) throws -> (run: DescribeRun, ledger: Ledger) {
    let workspace = try Workspace.create(
      at: folder.appendingPathComponent(name), dataset: "fake", root: nil)
    let ledger = try workspace.openLedger()
    return (
      DescribeRun(
        workspace: workspace, ledger: ledger, describer: describer, source: self,
        prompt: try prompt ?? DescribingFixture.prompt(), jobs: jobs,
        segmentSeconds: segmentSeconds, onlyFailed: onlyFailed, keepsFrames: keepsFrames), ledger
    )
  }
}

extension TemporaryFolder {
  /// Writes a text into a file of the folder.
  static func write(_ text: String, named name: String, in folder: TemporaryFolder) throws -> URL {
    let file = folder.file(name)
    try Data(text.utf8).write(to: file)
    return file
  }
}

extension Ledger {
  /// The last causes of the videos without a description, in their order.
  func failureCauses() throws -> [AttemptCause?] {
    try failures().map { try attempts(videoID: $0.videoID).last?.cause }
  }
}
