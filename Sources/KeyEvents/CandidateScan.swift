import Encoders
import Video

/// A pass over a video that scores its candidates.
struct CandidateScan {
  /// The video, but for the hash of its file.
  var source: SelectionSource
  /// Candidates a second that were asked for, at most the frame rate.
  var perSecond: Double
  /// Frames that there are to choose from.
  var frameCount: Int
  var frameIndices: [Int] = []
  /// In ticks of the container's time base, where it has one.
  var pts: [Int64?] = []
  /// From the start of the span that was looked at.
  var times: [Double] = []
  var relevance: [CandidateRelevance] = []
  /// How their embeddings came about; nil for scorers that encode nothing.
  var encoding: EncodingCounts?
}

extension CandidateScan {
  /// Scores the candidates of a video. They are picked from the file's
  /// packets and decoded alone; where the packets do not tell the frames, the video
  /// is decoded from its start on.
  ///
  /// - Parameters:
  ///   - span: the part of the video's clock to look at; nil for all of it.
  ///   - progress: gets the share that was seen, after each candidate.
  /// - Throws: `VideoError`, and what the scorer throws.
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
    // Headers lie about durations, frame rates vary, and frames are damaged: short
    // of candidates, every frame becomes one.
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
    // Whether a frame is wanted is known from its time, its time only from
    // decoding it: the next frame is expected one interval on, and one that is
    // not expected to be wanted is not converted. Times count from the span's start.
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
      // What the header claims may be wrong; there is nothing else to go by.
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
  /// Where the frames of a part of the clock are in `timestamps`.
  fileprivate func places(in span: Range<Double>?) -> Range<Int> {
    guard let span else { return timestamps.indices }
    let first = timestamps.firstIndex { $0 >= span.lowerBound } ?? timestamps.count
    let end = timestamps[first...].firstIndex { $0 >= span.upperBound } ?? timestamps.count
    return first..<end
  }
}
