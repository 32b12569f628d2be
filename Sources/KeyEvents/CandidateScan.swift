import Encoders
import Video

/// One pass over a video that scores its candidates.
struct CandidateScan {
  /// The video, without the hash of its file.
  var source: SelectionSource
  /// The requested candidates per second, at most the frame rate.
  var perSecond: Double
  /// The number of frames from which candidates were taken.
  var frameCount: Int
  var frameIndices: [Int] = []
  /// In ticks of the container's time base, if it has one.
  var pts: [Int64?] = []
  /// In seconds from the start of the span.
  var times: [Double] = []
  var relevance: [CandidateRelevance] = []
  /// How the embeddings were made; nil for scorers without an encoder.
  var encoding: EncodingCounts?
}

extension CandidateScan {
  /// Scores the candidates of a video. A trustworthy index gives the candidates from the
  /// file's packets, and only they are decoded. Otherwise the video is decoded from its
  /// start.
  ///
  /// - Parameters:
  ///   - span: the part of the video's clock to scan; nil for all of it.
  ///   - progress: receives the finished share after each candidate.
  /// - Throws: `VideoError`, and the scorer's errors.
  init(
    of index: FrameIndex, span: Range<Double>?, options: SelectionOptions,
    scorer: any RelevanceScorer, progress: (Double) -> Void
  ) throws {
    func scan(perSecond: Double?) throws -> CandidateScan {
      index.isTrustworthy
        ? try Self.indexed(
          index, span: span, options: options, scorer: scorer, perSecond: perSecond,
          progress: progress)
        : try Self.sequential(
          path: index.info.path, span: span, options: options, scorer: scorer,
          perSecond: perSecond, progress: progress)
    }
    self = try scan(perSecond: nil)
    // Wrong durations in headers, variable frame rates and damaged frames can leave too
    // few candidates. Then every frame becomes a candidate.
    if times.count < min(options.frames, frameCount) { self = try scan(perSecond: .infinity) }
  }

  private static func indexed(
    _ index: FrameIndex, span: Range<Double>?, options: SelectionOptions,
    scorer: any RelevanceScorer, perSecond: Double?, progress: (Double) -> Void
  ) throws -> CandidateScan {
    let info = index.info
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    let places = index.places(in: span)
    let start = span?.lowerBound ?? 0
    let times = index.timestamps[places].map { $0 - start }
    let durationSeconds =
      min(
        (index.timestamps.last ?? 0) + interval, span?.upperBound ?? .infinity) - start
    let sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(frames: options.frames, durationSeconds: durationSeconds)
    let candidates = sampler.places(in: times).map { $0 + places.lowerBound }
    let observed = scorer.observationsPerSecond
    let observations =
      observed > 0
      ? CandidateSampler(perSecond: observed).places(in: times).map { $0 + places.lowerBound } : []
    let isCandidate = Set(candidates)
    let scoring = try scorer.begin(info)
    var frameIndices: [Int] = []
    let report = try SparseFrames.decode(
      at: isCandidate.union(observations).sorted(), of: index, scaledTo: scorer.preferredScaling,
      threads: options.decodingThreads
    ) { frame in
      let isCandidate = isCandidate.contains(frame.frameIndex)
      if isCandidate { frameIndices.append(frame.frameIndex) }
      try scoring.observe(frame, isCandidate: isCandidate)
      if isCandidate { progress(Double(frameIndices.count) / Double(candidates.count)) }
    }
    let ticks = index.presentationTicks
    let relevance = try scoring.finish()
    return CandidateScan(
      source: SelectionSource(
        path: info.path, segmentStartSeconds: span?.lowerBound, width: info.width,
        height: info.height, durationSeconds: max(0, durationSeconds),
        timeBase: index.timeBase?.description,
        claimedFrameCount: info.claimedFrameCount, indexedFrameCount: index.frameCount,
        undecodableFrames: report.missing, averageFrameRate: info.averageFrameRate,
        codec: info.codec, container: info.container, warnings: report.warnings),
      perSecond: min(sampler.perSecond, info.averageFrameRate), frameCount: places.count,
      frameIndices: frameIndices, pts: frameIndices.map { ticks[$0] },
      times: frameIndices.map { index.timestamps[$0] - start },
      relevance: relevance, encoding: scoring.encodingCounts)
  }

  private static func sequential(
    path: String, span: Range<Double>?, options: SelectionOptions, scorer: any RelevanceScorer,
    perSecond: Double?, progress: (Double) -> Void
  ) throws -> CandidateScan {
    let reader = try VideoReader(
      path: path, scaledTo: scorer.preferredScaling, threads: options.decodingThreads)
    let info = reader.info
    let start = span?.lowerBound ?? 0
    let end = span?.upperBound ?? .infinity
    var sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(
        frames: options.frames,
        durationSeconds: max(0, min(info.durationSeconds, end) - start))
    let observed = scorer.observationsPerSecond
    var observations = observed > 0 ? CandidateSampler(perSecond: observed) : nil
    let scoring = try scorer.begin(info)
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    var frameIndices: [Int] = []
    var times: [Double] = []
    var frameCount = 0
    // A frame's time is known only after decoding. The next frame is expected one
    // interval later, and is not converted if no frame is wanted at that time. Times
    // count from the span's start.
    var expected = -start
    var last = -start
    while expected < end - start {
      let isWanted =
        (span == nil || expected + interval >= 0)
        && (sampler.isDue(at: expected) || (observations?.isDue(at: expected) ?? false))
      guard isWanted else {
        guard let skipped = try reader.skipFrame() else { break }
        last = skipped.timestampSeconds - start
        if last >= 0, last < end - start { frameCount += 1 }
        expected = last + interval
        continue
      }
      guard let frame = try reader.nextFrame() else { break }
      let seconds = frame.timestampSeconds - start
      guard seconds < end - start else { break }
      last = seconds
      expected = seconds + interval
      guard seconds >= 0 || span == nil else { continue }
      frameCount += 1
      let isCandidate = sampler.isDue(at: seconds)
      if isCandidate {
        sampler.take(at: seconds)
        frameIndices.append(frame.frameIndex)
        times.append(seconds)
      }
      observations?.take(at: seconds)
      try scoring.observe(frame, isCandidate: isCandidate)
      // The header's duration may be wrong, but it is the only estimate.
      if isCandidate { progress(seconds / (min(info.durationSeconds, end) - start)) }
    }
    let relevance = try scoring.finish()
    return CandidateScan(
      source: SelectionSource(
        path: info.path, segmentStartSeconds: span?.lowerBound, width: info.width,
        height: info.height, durationSeconds: max(0, min(last + interval, end - start)),
        claimedFrameCount: info.claimedFrameCount,
        decodableFrameCount: span == nil ? reader.decodedFrameCount : nil,
        undecodableFrames: [], averageFrameRate: info.averageFrameRate, codec: info.codec,
        container: info.container, warnings: reader.warnings),
      perSecond: min(sampler.perSecond, info.averageFrameRate),
      frameCount: span == nil ? reader.decodedFrameCount : frameCount,
      frameIndices: frameIndices,
      pts: [Int64?](repeating: nil, count: times.count), times: times, relevance: relevance,
      encoding: scoring.encodingCounts)
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
