import Records

/// mAP@IoU: whether events are found by class, where they are. See `SegmentProposals` for the
/// proposals and `SegmentResult` for the two forms.
public enum SegmentEvaluation {
  /// Evaluates class scores, which are softmax values over the classes, against the events of
  /// each class. The result does not depend on the order of the videos.
  ///
  /// A video's proposals lie in its whole snippets. In the fixed form, one that reaches the end
  /// of the last snippet reaches the end of the video, as the last score stands for the frames
  /// behind it in `FrameEvaluation`; events are clipped to the video.
  ///
  /// - Parameters:
  ///   - videos: with class scores, [snippets, classes].
  ///   - classes: the names of the columns.
  ///   - normalClass: the normal one of them; nil where all are anomalies.
  ///   - legacyTruth: how the released code took the annotation.
  /// - Returns: the result, or why there is none: a video without class scores, or one of
  ///   several classes whose events have none.
  /// - Throws: `EvaluationError`, naming the video or the class.
  public static func evaluate(
    _ videos: [ScoredVideo], classes: [String], normalClass: String?,
    legacyTruth: LegacyTruth = LegacyTruth()
  ) throws -> Outcome {
    if let normalClass, !classes.contains(normalClass) {
      throw EvaluationError.unknownClass(name: normalClass, known: classes)
    }
    let ordered = try FrameEvaluation.ordered(videos)
    for video in ordered { try video.validate(classes: classes.count) }
    if let video = ordered.first(where: { $0.classScores == nil }) {
      return .none(reason: "\(video.id) has no class scores")
    }
    let unknown = ordered.filter { $0.knownClassEvents == nil }
    if let first = unknown.first {
      return .none(
        reason: "\(unknown.count) of \(ordered.count) videos have several classes, and no file "
          + "says which event is of which (for example \(first.id)); a data set's class file, "
          + "such as annotations_multiclasses.txt, does")
    }
    let scored = Scored(videos: ordered, classes: classes, normalClass: normalClass)
    let truthClasses = Set(scored.events.joined().map(\.className))
    return .result(
      SegmentResult(
        overlaps: SegmentPrecision.overlaps, legacy: scored.legacy(legacyTruth),
        fixed: scored.fixed(),
        unscoredClasses: truthClasses.subtracting(classes).sorted()))
  }

  /// A result, or why there is none.
  public enum Outcome: Sendable, Equatable {
    case result(SegmentResult)
    case none(reason: String)

    /// The result, where there is one.
    public var result: SegmentResult? {
      if case .result(let result) = self { result } else { nil }
    }
    /// Why there is none.
    public var reason: String? {
      if case .none(let reason) = self { reason } else { nil }
    }
  }

  /// Videos in the order of their ids, with the proposals of every class.
  private struct Scored {
    let videos: [ScoredVideo]
    let classes: [String]
    let normalClass: String?
    /// The events by video; none of the normal class.
    let events: [[ClassEvent]]
    /// The proposals by class, over all videos.
    let proposals: [[SegmentProposal]]

    init(videos: [ScoredVideo], classes: [String], normalClass: String?) {
      self.videos = videos
      self.classes = classes
      self.normalClass = normalClass
      events = videos.map { video in
        (video.knownClassEvents ?? []).filter { $0.className != normalClass }
      }
      proposals = classes.indices.map { index in
        videos.enumerated().flatMap { place, video in
          SegmentProposals.find(in: video.scores(ofClass: index) ?? [], video: place)
        }
      }
    }

    // MARK: - vadclip-legacy

    func legacy(_ truth: LegacyTruth) -> SegmentResult.Legacy {
      let results = classes.enumerated().map { index, name in
        let own = videos.enumerated().map { place, video in
          if name == normalClass {
            return truth.hasNormalEvents && video.isAnomalous != true
              ? [0..<scoredFrames(of: video)] : []
          }
          return events[place].filter { $0.className == name }.map { event in
            let end = event.frames.upperBound
            return min(event.frames.lowerBound + truth.startShift, end)..<end
          }
        }
        return SegmentClassResult(name, proposals[index], events: own)
      }
      let silent = results.filter { $0.proposalCount == 0 }.map(\.className)
      return SegmentResult.Legacy(
        truth: truth,
        population: SegmentPopulation(
          videoCount: videos.count, classes: results,
          meanAveragePrecision: silent.isEmpty
            ? mean(results) : SegmentPrecision.overlaps.map { _ in 0 }),
        classesWithoutProposals: silent)
    }

    /// What the scores stand for when each is repeated 16 times.
    private func scoredFrames(of video: ScoredVideo) -> Int {
      video.scores.count * Snippet.frameCount
    }

    // MARK: - fixed

    func fixed() -> SegmentResult.Fixed {
      let normalIndex = normalClass.flatMap { classes.firstIndex(of: $0) }
      return SegmentResult.Fixed(
        abnormalVideos: population { $0.isAnomalous == true },
        allVideos: population { _ in true },
        anyClass: normalIndex.map { index in
          let proposals = videos.enumerated().flatMap { place, video in
            SegmentProposals.find(
              in: video.anomalyScores(normalClass: index) ?? [], video: place)
          }
          func result(_ isMember: (ScoredVideo) -> Bool) -> SegmentClassResult {
            let own = videos.indices.map { place in
              isMember(videos[place]) ? joined(clipped(events[place], to: videos[place])) : []
            }
            return SegmentClassResult("any", fitted(proposals, of: isMember), events: own)
          }
          return SegmentResult.AnyClass(
            abnormalVideos: result { $0.isAnomalous == true }, allVideos: result { _ in true })
        })
    }

    private func population(_ isMember: (ScoredVideo) -> Bool) -> SegmentPopulation {
      let results = classes.enumerated().compactMap { index, name in
        name == normalClass
          ? nil
          : SegmentClassResult(
            name, fitted(proposals[index], of: isMember),
            events: videos.indices.map { place in
              isMember(videos[place])
                ? clipped(events[place].filter { $0.className == name }, to: videos[place]) : []
            })
      }
      return SegmentPopulation(
        videoCount: videos.count(where: isMember), classes: results,
        meanAveragePrecision: mean(results.filter { $0.eventCount > 0 }))
    }

    /// The members' proposals: what reaches the last snippet's end reaches the video's.
    private func fitted(
      _ proposals: [SegmentProposal], of isMember: (ScoredVideo) -> Bool
    ) -> [SegmentProposal] {
      proposals.compactMap { proposal in
        let video = videos[proposal.video]
        guard isMember(video) else { return nil }
        guard proposal.frames.upperBound == scoredFrames(of: video) else { return proposal }
        var proposal = proposal
        let end = max(video.frameCount, proposal.frames.lowerBound)
        proposal.frames = proposal.frames.lowerBound..<end
        return proposal
      }
    }

    private func clipped(_ events: [ClassEvent], to video: ScoredVideo) -> [Range<Int>] {
      events.map { $0.frames.clamped(to: 0..<video.frameCount) }.filter { !$0.isEmpty }
    }

    private func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
      ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { result, next in
        if let last = result.last, next.lowerBound <= last.upperBound {
          result[result.count - 1] =
            last.lowerBound..<max(last.upperBound, next.upperBound)
        } else {
          result.append(next)
        }
      }
    }

    private func mean(_ results: [SegmentClassResult]) -> [Double] {
      guard !results.isEmpty else { return [] }
      return SegmentPrecision.overlaps.indices.map { place in
        results.reduce(0) { $0 + $1.averagePrecision[place] } / Double(results.count)
      }
    }
  }
}

extension SegmentClassResult {
  /// - Parameter events: by the video's place in the order of ids.
  fileprivate init(_ name: String, _ proposals: [SegmentProposal], events: [[Range<Int>]]) {
    self.init(
      className: name, eventCount: events.reduce(0) { $0 + $1.count },
      proposalCount: proposals.count,
      averagePrecision: SegmentPrecision.averages(proposals, events: events))
  }
}
