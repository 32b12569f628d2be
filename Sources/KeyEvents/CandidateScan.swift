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
  /// `VideoMotion`'s samples of the span; nil if the scan did not measure them.
  var motion: [MotionSample]?
}

/// What a scan reads, and how.
struct ScanRequest {
  var index: FrameIndex
  /// The part of the video's clock to scan; nil for all of it.
  var span: Range<Double>?
  var options: SelectionOptions
  var scorer: any RelevanceScorer
  /// Whether to measure the motion too. Only the built-in scorer does; for other scorers
  /// and where the two passes would not give the same, there is none.
  var measuresMotion = false

  var start: Double { span?.lowerBound ?? 0 }
}

extension CandidateScan {
  /// Scores the candidates of a video. A trustworthy index gives the candidates from the
  /// file's packets, and only they are decoded. Otherwise the video is decoded from its
  /// start.
  ///
  /// - Parameter progress: receives the finished share after each candidate.
  /// - Throws: `VideoError`, and the scorer's errors.
  init(_ request: ScanRequest, progress: (Double) -> Void) throws {
    let shared =
      request.measuresMotion && request.scorer is NoveltyScorer
      ? Self.withMotion(request, progress: progress) : (scan: nil, motion: nil)
    self = try shared.scan ?? Self.scan(request, perSecond: nil, progress: progress)
    // Wrong durations in headers, variable frame rates and damaged frames can leave too
    // few candidates. Then every frame becomes a candidate.
    if times.count < min(request.options.frames, frameCount) {
      self = try Self.scan(request, perSecond: .infinity, progress: progress)
    }
    motion = shared.motion
  }

  private static func scan(
    _ request: ScanRequest, perSecond: Double?, progress: (Double) -> Void
  ) throws -> CandidateScan {
    request.index.isTrustworthy
      ? try indexed(request, perSecond: perSecond, progress: progress)
      : try sequential(request, perSecond: perSecond, progress: progress)
  }

  private static func indexed(
    _ request: ScanRequest, perSecond: Double?, progress: (Double) -> Void
  ) throws -> CandidateScan {
    let plan = IndexedScanPlan(request, perSecond: perSecond)
    let scoring = try request.scorer.begin(request.index.info)
    var frameIndices: [Int] = []
    let report = try SparseFrames.decode(
      at: plan.wanted, of: request.index, scaledTo: request.scorer.preferredScaling,
      threads: request.options.decodingThreads
    ) { frame in
      let isCandidate = plan.candidates.contains(frame.frameIndex)
      if isCandidate { frameIndices.append(frame.frameIndex) }
      try scoring.observe(frame, isCandidate: isCandidate)
      if isCandidate { progress(Double(frameIndices.count) / Double(plan.candidates.count)) }
    }
    return try plan.scan(
      frameIndices, scoring: scoring, missing: report.missing, warnings: report.warnings)
  }

  /// - Parameter motion: the scoring that measures the motion too; nil to measure none.
  private static func sequential(
    _ request: ScanRequest, perSecond: Double?, motion: NoveltyScoring? = nil,
    progress: (Double) -> Void
  ) throws -> CandidateScan {
    let (span, scorer) = (request.span, request.scorer)
    let reader = try VideoReader(
      path: request.index.info.path, view: request.index.view,
      scaledTo: scorer.preferredScaling, threads: request.options.decodingThreads)
    let info = reader.info
    let start = request.start
    let end = span?.upperBound ?? .infinity
    var sampler =
      perSecond.map { CandidateSampler(perSecond: $0) }
      ?? CandidateSampler(
        frames: request.options.frames,
        durationSeconds: max(0, min(info.durationSeconds, end) - start))
    let observed = scorer.observationsPerSecond
    var observations = observed > 0 ? CandidateSampler(perSecond: observed) : nil
    let scoring = try motion ?? scorer.begin(info)
    var schedule = motion.map { _ in MotionSchedule(info, span: span) }
    let interval = info.averageFrameRate > 0 ? 1 / info.averageFrameRate : 0.04
    var frameIndices: [Int] = []
    var times: [Double] = []
    var frameCount = 0
    // A frame's time is known only after decoding. The next frame is expected one
    // interval later, and is not converted if no frame is wanted at that time. Times
    // count from the span's start.
    var expected = -start
    var last = -start
    func pass(at seconds: Double) {
      last = seconds
      if last >= 0, last < end - start { frameCount += 1 }
      expected = last + interval
    }
    while expected < end - start {
      let isWanted =
        (span == nil || expected + interval >= 0)
        && (sampler.isDue(at: expected) || (observations?.isDue(at: expected) ?? false))
      let isMeasured = schedule?.wants(reader.decodedFrameCount) ?? false
      guard isWanted || isMeasured else {
        guard let skipped = try reader.skipFrame() else { break }
        pass(at: skipped.timestampSeconds - start)
        continue
      }
      guard let frame = try reader.nextFrame() else { break }
      let motionSeconds = isMeasured ? schedule?.seconds(of: frame) : nil
      let seconds = frame.timestampSeconds - start
      guard isWanted else {
        motion?.observe(
          frame, isCandidate: false, scoredSeconds: nil, motionSeconds: motionSeconds)
        pass(at: seconds)
        continue
      }
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
      if let motion {
        motion.observe(
          frame, isCandidate: isCandidate, scoredSeconds: frame.timestampSeconds,
          motionSeconds: motionSeconds)
      } else {
        try scoring.observe(frame, isCandidate: isCandidate)
      }
      // The header's duration may be wrong, but it is the only estimate.
      if isCandidate { progress(seconds / (min(info.durationSeconds, end) - start)) }
    }
    let relevance = try scoring.finish()
    let scan = CandidateScan(
      source: SelectionSource(
        path: info.path, segmentStartSeconds: span?.lowerBound, width: info.width,
        height: info.height, coded: info.coded, view: request.index.view.record,
        durationSeconds: max(0, min(last + interval, end - start)),
        claimedFrameCount: info.claimedFrameCount,
        decodableFrameCount: span == nil ? reader.decodedFrameCount : nil,
        undecodableFrames: [], averageFrameRate: info.averageFrameRate, codec: info.codec,
        container: info.container, warnings: reader.warnings),
      perSecond: min(sampler.perSecond, info.averageFrameRate),
      frameCount: span == nil ? reader.decodedFrameCount : frameCount,
      frameIndices: frameIndices,
      pts: [Int64?](repeating: nil, count: times.count), times: times, relevance: relevance,
      encoding: scoring.encodingCounts)
    // The motion may need a frame more than the scan.
    while let wanted = schedule?.wants(reader.decodedFrameCount), schedule?.isOver == false {
      guard wanted else {
        guard try reader.skipFrame() != nil else { break }
        continue
      }
      guard let frame = try reader.nextFrame() else { break }
      let seconds = schedule?.seconds(of: frame)
      motion?.observe(frame, isCandidate: false, scoredSeconds: nil, motionSeconds: seconds)
    }
    return scan
  }
}

// MARK: - Scanning and measuring the motion in one pass

extension CandidateScan {
  /// Scans and measures the motion in one pass.
  ///
  /// The samples are those of a separate `VideoMotion` pass, to the bit, because the pass
  /// decodes in the same way: a whole video from its start, a piece by the index. The scan
  /// is given only if it equals one without the motion: always without a trustworthy index;
  /// otherwise if no packet is damaged and every frame has its indexed place and time.
  ///
  /// - Returns: what the pass gave; nil for what must be found in a pass of its own. That
  ///   pass then throws the error, if there is one.
  private static func withMotion(_ request: ScanRequest, progress: (Double) -> Void) -> (
    scan: CandidateScan?, motion: [MotionSample]?
  ) {
    let scoring = NoveltyScoring()
    do {
      let scan: CandidateScan?
      if !request.index.isTrustworthy {
        scan = try sequential(request, perSecond: nil, motion: scoring, progress: progress)
      } else if let span = request.span {
        scan = try piece(span, of: request, scoring: scoring, progress: progress)
        if scan == nil { return (nil, nil) }
      } else {
        scan = try fromStart(request, scoring: scoring, progress: progress)
      }
      return (scan, scoring.motion)
    } catch {
      return (nil, nil)
    }
  }

  private static func fromStart(
    _ request: ScanRequest, scoring: NoveltyScoring, progress: (Double) -> Void
  ) throws -> CandidateScan? {
    let index = request.index
    let plan = IndexedScanPlan.dense(request)
    let wanted = Set(plan.wanted)
    let reader = try VideoReader(
      path: index.info.path, view: index.view, scaledTo: request.scorer.preferredScaling,
      threads: request.options.decodingThreads)
    var schedule = MotionSchedule(reader.info, span: nil)
    var frameIndices: [Int] = []
    var isAsIndexed = index.isComplete
    while true {
      let place = reader.decodedFrameCount
      let isScanned = isAsIndexed && wanted.contains(place)
      let isMeasured = schedule.wants(place)
      let seconds: Double
      if isScanned || isMeasured {
        guard let frame = try reader.nextFrame() else { break }
        let isCandidate = isScanned && plan.candidates.contains(place)
        if isCandidate { frameIndices.append(place) }
        seconds = frame.timestampSeconds
        scoring.observe(
          frame, isCandidate: isCandidate, scoredSeconds: isScanned ? seconds : nil,
          motionSeconds: isMeasured ? schedule.seconds(of: frame) : nil)
        if isCandidate { progress(Double(frameIndices.count) / Double(plan.candidates.count)) }
      } else {
        guard let skipped = try reader.skipFrame() else { break }
        seconds = skipped.timestampSeconds
      }
      if place >= index.frameCount || seconds != index.timestamps[place] { isAsIndexed = false }
    }
    guard isAsIndexed, reader.decodedFrameCount == index.frameCount, !reader.isDamaged else {
      return nil
    }
    return try plan.scan(frameIndices, scoring: scoring, missing: [], warnings: index.warnings)
  }

  private static func piece(
    _ span: Range<Double>, of request: ScanRequest, scoring: NoveltyScoring,
    progress: (Double) -> Void
  ) throws -> CandidateScan? {
    let index = request.index
    let plan = IndexedScanPlan.dense(request)
    let wanted = Set(plan.wanted)
    let measured = Set(VideoMotion.places(of: span, in: index))
    var frameIndices: [Int] = []
    let report = try SparseFrames.decode(
      at: wanted.union(measured).sorted(), of: index, scaledTo: request.scorer.preferredScaling,
      threads: request.options.decodingThreads
    ) { frame in
      let isCandidate = plan.candidates.contains(frame.frameIndex)
      if isCandidate { frameIndices.append(frame.frameIndex) }
      scoring.observe(
        frame, isCandidate: isCandidate,
        scoredSeconds: wanted.contains(frame.frameIndex) ? frame.timestampSeconds : nil,
        motionSeconds: measured.contains(frame.frameIndex)
          ? frame.timestampSeconds - span.lowerBound : nil)
      if isCandidate { progress(Double(frameIndices.count) / Double(plan.candidates.count)) }
    }
    // Other lines report damage. Frames near it may depend on what else is decoded.
    guard index.isComplete, report.missing.isEmpty, report.warnings == index.warnings else {
      return nil
    }
    return try plan.scan(
      frameIndices, scoring: scoring, missing: report.missing, warnings: report.warnings)
  }
}
