import Records

/// Evaluates snippet scores against frames' ground truth, as the field does:
/// scores repeated 16 times, frames of all videos pooled.
public enum FrameEvaluation {
  /// Evaluates videos; the result does not depend on their order. A video of several
  /// classes counts for each of them, one without a label as normal.
  ///
  /// - Parameters:
  ///   - classes: the names of the columns of class scores, where the videos have them.
  ///   - normalClass: the normal one of them: then the class scores are an anomaly score too.
  ///   - legacyTruth: how VadCLIP's released code took the annotation for mAP@IoU.
  ///   - resamples: the number of bootstrap samples of videos for the intervals; 0 for none.
  /// - Throws: `EvaluationError`, naming the video.
  public static func evaluate(
    _ videos: [ScoredVideo], classes: [String] = [], normalClass: String? = nil,
    legacyTruth: LegacyTruth = LegacyTruth(), tail: FrameGroundTruth.Tail = .repeat,
    resamples: Int = 1000, seed: UInt64 = 0
  ) throws -> EvaluationResult {
    let counted = try count(videos, classes: classes.isEmpty ? nil : classes.count, tail: tail)
    let pooled = groups(of: counted)
    let anomalous = counted.filter { $0.video.isAnomalous == true }
    let bootstrap = resamples > 0 ? VideoBootstrap(counted, resamples: resamples, seed: seed) : nil

    func metric(_ value: Double?, _ groups: ScoreGroups, interval: ConfidenceInterval? = nil)
      -> MetricValue
    {
      MetricValue(value: value, reason: reason(groups), interval: interval)
    }
    let anomalousGroups = groups(of: anomalous)
    let own = counted.map { item in
      VideoEvaluation(
        id: item.video.id, className: item.video.className, frameCount: item.video.frameCount,
        positiveFrames: item.truth.positives.reduce(0, +),
        areaUnderROC: AreaUnderROC.compute(groups(of: [item])),
        maximumScore: item.video.scores.max() ?? 0,
        meanScore: item.video.scores.reduce(0, +) / Float(item.video.scores.count))
    }
    let defined = own.compactMap(\.areaUnderROC)
    let normal = counted.filter { $0.video.isAnomalous != true }
    let classNames = Set(anomalous.flatMap(\.video.classNames)).sorted()
    let hasClassScores = !classes.isEmpty && counted.allSatisfy { $0.video.classScores != nil }
    let segments =
      hasClassScores
      ? try SegmentEvaluation.evaluate(
        counted.map(\.video), classes: classes, normalClass: normalClass,
        legacyTruth: legacyTruth) : nil
    return EvaluationResult(
      videoCount: counted.count, anomalousVideoCount: anomalous.count,
      frameCount: pooled.positiveCount + pooled.negativeCount,
      positiveFrameCount: pooled.positiveCount, distinctScoreCount: pooled.distinctScoreCount,
      snippetLength: Snippet.frameCount, tail: tail,
      areaUnderROC: metric(
        AreaUnderROC.compute(pooled), pooled,
        interval: bootstrap?.interval(of: AreaUnderROC.compute)),
      averagePrecision: metric(
        AveragePrecision.compute(pooled), pooled,
        interval: bootstrap?.interval(of: AveragePrecision.compute)),
      precisionRecallTrapezoid: metric(PrecisionRecallTrapezoid.compute(pooled), pooled),
      anomalousVideosAreaUnderROC: metric(
        AreaUnderROC.compute(anomalousGroups), anomalousGroups),
      withinVideoAreaUnderROC: MetricValue(
        value: defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count),
        reason: "no video has frames inside and outside of events"),
      classes: classNames.map { name in
        let members = anomalous.filter { $0.video.classNames.contains(name) }
        let groups = groups(of: members + normal)
        return ClassEvaluation(
          className: name, videoCount: members.count,
          areaUnderROC: metric(AreaUnderROC.compute(groups), groups),
          classScoreAreaUnderROC: classes.firstIndex(of: name).flatMap { index in
            Self.groups(of: counted, name: name, index: index).map {
              metric(AreaUnderROC.compute($0), $0)
            }
          })
      },
      videos: own,
      classScores: normalClass.flatMap(classes.firstIndex(of:)).flatMap { index in
        hasClassScores
          ? anomalyScores(counted, normalClass: index, resamples: resamples, seed: seed) : nil
      },
      segments: segments?.result, segmentsReason: segments?.reason)
  }

  /// The anomaly score that the class scores give, over the same frames.
  private static func anomalyScores(
    _ counted: [Counted], normalClass index: Int, resamples: Int, seed: UInt64
  ) -> AnomalyScoreEvaluation {
    let own = counted.map { item in
      var item = item
      item.video.scores = item.video.anomalyScores(normalClass: index) ?? []
      return item
    }
    let pooled = groups(of: own)
    let anomalous = groups(of: own.filter { $0.video.isAnomalous == true })
    let bootstrap = resamples > 0 ? VideoBootstrap(own, resamples: resamples, seed: seed) : nil
    return AnomalyScoreEvaluation(
      distinctScoreCount: pooled.distinctScoreCount,
      areaUnderROC: MetricValue(
        value: AreaUnderROC.compute(pooled), reason: reason(pooled),
        interval: bootstrap?.interval(of: AreaUnderROC.compute)),
      averagePrecision: MetricValue(
        value: AveragePrecision.compute(pooled), reason: reason(pooled),
        interval: bootstrap?.interval(of: AveragePrecision.compute)),
      anomalousVideosAreaUnderROC: MetricValue(
        value: AreaUnderROC.compute(anomalous), reason: reason(anomalous)))
  }

  /// A video with its counted frames.
  package struct Counted: Sendable {
    package var video: ScoredVideo
    package var truth: FrameGroundTruth
  }

  /// Validates the videos, orders them by id and counts their frames.
  package static func count(
    _ videos: [ScoredVideo], classes: Int? = nil, tail: FrameGroundTruth.Tail
  ) throws -> [Counted] {
    try ordered(videos).map { video in
      try video.validate(classes: classes)
      return Counted(
        video: video,
        truth: FrameGroundTruth(
          frameCount: video.frameCount, events: video.events ?? [], tail: tail))
    }
  }

  /// The videos by id.
  ///
  /// - Throws: `EvaluationError` for none, or for two of one id.
  static func ordered(_ videos: [ScoredVideo]) throws -> [ScoredVideo] {
    guard !videos.isEmpty else { throw EvaluationError.noVideos }
    let ordered = videos.sorted { $0.id < $1.id }
    for (video, next) in zip(ordered, ordered.dropFirst()) where video.id == next.id {
      throw EvaluationError.duplicateVideo(video: video.id)
    }
    return ordered
  }

  private static func groups(of items: [Counted]) -> ScoreGroups {
    ScoreGroups(
      scores: items.flatMap(\.video.scores), positives: items.flatMap(\.truth.positives),
      negatives: items.flatMap(\.truth.negatives))
  }

  /// A class's own scores over all videos: frames in events of its videos against all
  /// others. Nil where a video has no class scores.
  private static func groups(of items: [Counted], name: String, index: Int) -> ScoreGroups? {
    var scores: [Float] = []
    var positives: [Int] = []
    var negatives: [Int] = []
    for item in items {
      guard let own = item.video.scores(ofClass: index) else { return nil }
      scores += own
      if item.video.classNames.contains(name) {
        positives += item.truth.positives
        negatives += item.truth.negatives
      } else {
        positives += item.truth.positives.map { _ in 0 }
        negatives += zip(item.truth.positives, item.truth.negatives).map(+)
      }
    }
    return ScoreGroups(scores: scores, positives: positives, negatives: negatives)
  }

  private static func reason(_ groups: ScoreGroups) -> String? {
    if groups.positiveCount == 0 { return "no frame lies in an event" }
    if groups.negativeCount == 0 { return "every frame lies in an event" }
    return nil
  }
}
