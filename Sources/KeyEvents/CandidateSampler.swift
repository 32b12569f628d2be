import Encoders
import Video

/// Which frames of a trustworthy index a scan decodes.
struct IndexedScanPlan {
  /// The positions of the candidates.
  let candidates: Set<Int>
  /// The positions of the candidates and of what the scorer observes besides, ascending.
  let wanted: [Int]
  private let index: FrameIndex
  private let span: Range<Double>?
  private let places: Range<Int>
  private let perSecond: Double
  private let durationSeconds: Double

  /// - Parameter perSecond: the density of the candidates; nil for that of the options.
  init(_ request: ScanRequest, perSecond: Double?) {
    index = request.index
    span = request.span
    let info = index.info
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    let places = index.places(in: span)
    self.places = places
    let start = request.start
    let times = index.timestamps[places].map { $0 - start }
    durationSeconds =
      min((index.timestamps.last ?? 0) + interval, span?.upperBound ?? .infinity) - start
    let sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(frames: request.options.frames, durationSeconds: durationSeconds)
    candidates = Set(sampler.places(in: times).map { $0 + places.lowerBound })
    let observed = request.scorer.observationsPerSecond
    let observations =
      observed > 0
      ? CandidateSampler(perSecond: observed).places(in: times).map { $0 + places.lowerBound } : []
    wanted = candidates.union(observations).sorted()
    self.perSecond = min(sampler.perSecond, info.averageFrameRate)
  }

  /// The plan of a scan in which no frame is missing: with every frame as a candidate if
  /// the usual density gives too few of them.
  static func dense(_ request: ScanRequest) -> IndexedScanPlan {
    let usual = IndexedScanPlan(request, perSecond: nil)
    return usual.candidates.count < min(request.options.frames, usual.places.count)
      ? IndexedScanPlan(request, perSecond: .infinity) : usual
  }

  /// The finished scan.
  ///
  /// - Parameter frameIndices: the candidates that decoded.
  func scan(
    _ frameIndices: [Int], scoring: any RelevanceScoring, missing: [Int], warnings: [String]
  ) throws -> CandidateScan {
    let info = index.info
    let ticks = index.presentationTicks
    let start = span?.lowerBound ?? 0
    let relevance = try scoring.finish()
    return CandidateScan(
      source: SelectionSource(
        path: info.path, segmentStartSeconds: span?.lowerBound, width: info.width,
        height: info.height, coded: info.coded, view: index.view.record,
        durationSeconds: max(0, durationSeconds),
        timeBase: index.timeBase?.description,
        claimedFrameCount: info.claimedFrameCount, indexedFrameCount: index.frameCount,
        undecodableFrames: missing, averageFrameRate: info.averageFrameRate,
        codec: info.codec, container: info.container, warnings: warnings),
      perSecond: perSecond, frameCount: places.count,
      frameIndices: frameIndices, pts: frameIndices.map { ticks[$0] },
      times: frameIndices.map { index.timestamps[$0] - start },
      relevance: relevance, encoding: scoring.encodingCounts)
  }
}

extension FrameIndex {
  /// The positions in `timestamps` of the frames of a span.
  fileprivate func places(in span: Range<Double>?) -> Range<Int> {
    guard let span else { return timestamps.indices }
    let first = timestamps.firstIndex { $0 >= span.lowerBound } ?? timestamps.count
    let end = timestamps[first...].firstIndex { $0 >= span.upperBound } ?? timestamps.count
    return first..<end
  }
}

/// Decides which frames of a video are candidates, from their times in order.
///
/// The rate is max(1, 4 · frames / duration) candidates per second, up to every frame.
/// Candidates are the first frames at or after the times 0, 1/rate, 2/rate, …
public struct CandidateSampler: Sendable {
  /// Candidates per second.
  public let perSecond: Double
  private var nextNumber = 0

  /// - Parameters:
  ///   - frames: the number of frames to choose.
  ///   - durationSeconds: the video's length; 0 if unknown.
  public init(frames: Int, durationSeconds: Double) {
    self.init(
      perSecond: durationSeconds > 0 ? max(1, 4 * Double(frames) / durationSeconds) : 1)
  }

  /// Limits that no video reaches: frames per second, and seconds.
  private static let most = 1e6, longestSeconds = 1e12

  /// - Parameter perSecond: more than 0. With a million or more, every frame is a
  ///   candidate.
  public init(perSecond: Double) {
    precondition(perSecond > 0, "\(perSecond) candidates a second")
    self.perSecond = perSecond < Self.most ? perSecond : .infinity
  }

  /// The positions of the candidates among frames at these ascending times.
  public func places(in timestamps: [Double]) -> [Int] {
    var sampler = self
    return timestamps.indices.filter { place in
      guard sampler.isDue(at: timestamps[place]) else { return false }
      sampler.take(at: timestamps[place])
      return true
    }
  }

  /// Whether a frame at `seconds` would be a candidate.
  public func isDue(at seconds: Double) -> Bool {
    seconds + 1e-6 >= Double(nextNumber) / perSecond || perSecond.isInfinite
  }

  /// Counts the frame at `seconds` as a candidate.
  public mutating func take(at seconds: Double) {
    guard perSecond.isFinite else { return }
    let number = Int((min(seconds, Self.longestSeconds) + 1e-6) * perSecond)
    nextNumber = max(nextNumber, number) + 1
  }
}
