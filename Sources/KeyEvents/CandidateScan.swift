import Encoders
import Video

/// A pass over a video that scores its candidates.
struct CandidateScan {
  /// The video, but for the hash of its file.
  var source: SelectionSource
  /// Candidates a second that were asked for, at most the frame rate.
  var perSecond: Double
  var frameIndices: [Int] = []
  /// In ticks of the container's time base, where it has one.
  var pts: [Int64?] = []
  var times: [Double] = []
  var relevance: [CandidateRelevance] = []
  /// How their embeddings came about; nil for scorers that encode nothing.
  var encoding: EncodingCounts?
}

extension CandidateScan {
  /// Scores the candidates of a video. They are picked from the file's
  /// packets and decoded alone; where the packets do not tell the frames, the video
  /// is decoded from end to end.
  ///
  /// - Throws: `VideoError`, and what the scorer throws.
  init(of index: FrameIndex, options: SelectionOptions, scorer: any RelevanceScorer) throws {
    func scan(perSecond: Double?) throws -> CandidateScan {
      index.isTrustworthy
        ? try Self.indexed(index, options: options, scorer: scorer, perSecond: perSecond)
        : try Self.sequential(
          path: index.info.path, options: options, scorer: scorer, perSecond: perSecond)
    }
    self = try scan(perSecond: nil)
    // Headers lie about durations, frame rates vary, and frames are damaged: short
    // of candidates, every frame becomes one.
    let frameCount = source.indexedFrameCount ?? source.decodableFrameCount ?? 0
    if times.count < min(options.frames, frameCount) { self = try scan(perSecond: .infinity) }
  }

  private static func indexed(
    _ index: FrameIndex, options: SelectionOptions, scorer: any RelevanceScorer,
    perSecond: Double?
  ) throws -> CandidateScan {
    let info = index.info
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    let durationSeconds = (index.timestamps.last ?? 0) + interval
    let sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(frames: options.frames, durationSeconds: durationSeconds)
    let candidates = sampler.places(in: index.timestamps)
    let observed = scorer.observationsPerSecond
    let observations =
      observed > 0 ? CandidateSampler(perSecond: observed).places(in: index.timestamps) : []
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
    }
    let ticks = index.presentationTicks
    let relevance = try scoring.finish()
    return CandidateScan(
      source: SelectionSource(
        path: info.path, width: info.width, height: info.height,
        durationSeconds: durationSeconds, timeBase: index.timeBase?.description,
        claimedFrameCount: info.claimedFrameCount, indexedFrameCount: index.frameCount,
        undecodableFrames: report.missing, averageFrameRate: info.averageFrameRate,
        codec: info.codec, container: info.container, warnings: report.warnings),
      perSecond: min(sampler.perSecond, info.averageFrameRate), frameIndices: frameIndices,
      pts: frameIndices.map { ticks[$0] }, times: frameIndices.map { index.timestamps[$0] },
      relevance: relevance, encoding: scoring.encodingCounts)
  }

  private static func sequential(
    path: String, options: SelectionOptions, scorer: any RelevanceScorer, perSecond: Double?
  ) throws -> CandidateScan {
    let reader = try VideoReader(
      path: path, scaledTo: scorer.preferredScaling, threads: options.decodingThreads)
    let info = reader.info
    var sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(frames: options.frames, durationSeconds: info.durationSeconds)
    let observed = scorer.observationsPerSecond
    var observations = observed > 0 ? CandidateSampler(perSecond: observed) : nil
    let scoring = try scorer.begin(info)
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    var frameIndices: [Int] = []
    var times: [Double] = []
    // Whether a frame is wanted is known from its time, its time only from
    // decoding it: the next frame is expected one interval on, and one that is
    // not expected to be wanted is not converted.
    var expected = 0.0
    var last = 0.0
    while true {
      let isWanted =
        sampler.isDue(at: expected) || (observations?.isDue(at: expected) ?? false)
      guard isWanted else {
        guard let skipped = try reader.skipFrame() else { break }
        last = skipped.timestampSeconds
        expected = last + interval
        continue
      }
      guard let frame = try reader.nextFrame() else { break }
      let seconds = frame.timestampSeconds
      last = seconds
      expected = seconds + interval
      let isCandidate = sampler.isDue(at: seconds)
      if isCandidate {
        sampler.take(at: seconds)
        frameIndices.append(frame.frameIndex)
        times.append(seconds)
      }
      observations?.take(at: seconds)
      try scoring.observe(frame, isCandidate: isCandidate)
    }
    let relevance = try scoring.finish()
    return CandidateScan(
      source: SelectionSource(
        path: info.path, width: info.width, height: info.height, durationSeconds: last + interval,
        claimedFrameCount: info.claimedFrameCount, decodableFrameCount: reader.decodedFrameCount,
        undecodableFrames: [], averageFrameRate: info.averageFrameRate, codec: info.codec,
        container: info.container, warnings: reader.warnings),
      perSecond: min(sampler.perSecond, info.averageFrameRate), frameIndices: frameIndices,
      pts: [Int64?](repeating: nil, count: times.count), times: times, relevance: relevance,
      encoding: scoring.encodingCounts)
  }
}
