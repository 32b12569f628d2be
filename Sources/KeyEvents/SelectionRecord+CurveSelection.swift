import Encoders

extension SelectionRecord {
  /// The record of a selection.
  ///
  /// - Parameters:
  ///   - spread: with which the objective's value was taken.
  ///   - frameIndices, pts, perSecond: of the candidates, where there is a video.
  init(
    _ selection: CurveSelection, of curve: RelevanceCurve, spread: Double,
    video: SelectionSource? = nil, scores: SelectionScores? = nil, gate: PromptGate? = nil,
    scorer: ScorerIdentity, queries: [String] = [], notes: [String] = [],
    prompts: [String?] = [], perSecond: Double? = nil, frameIndices: [Int]? = nil,
    pts: [Int64?]? = nil, encoding: EncodingCounts? = nil
  ) {
    let hasPrompts = prompts.contains { $0 != nil }
    let hasTicks = pts?.contains { $0 != nil } ?? false
    self.init(
      format: Self.currentFormat, video: video, scores: scores, strategy: selection.strategy,
      parameters: selection.parameters,
      objective: Objective(
        formula: selection.strategy.formula, source: selection.strategy.source, spread: spread,
        value: selection.objectiveValue),
      segmentation: KeyEvent.segmentationRule, rolePlan: selection.rolePlan, gate: gate,
      scorer: scorer, queries: queries, requestedFrames: selection.requestedFrames,
      frames: zip(selection.chosen, selection.assignments).map { candidate, assignment in
        SelectedFrame(
          candidateIndex: candidate, frameIndex: frameIndices?[candidate],
          pts: hasTicks ? pts?[candidate] : nil,
          timestampSeconds: curve.timestamps[candidate], relevance: curve.relevance[candidate],
          role: assignment.role, event: assignment.event,
          prompt: hasPrompts ? prompts[candidate] : nil, reason: assignment.reason)
      },
      events: selection.events,
      candidates: Candidates(
        perSecond: perSecond, unscored: curve.unscored.count, frameIndex: frameIndices,
        pts: hasTicks ? pts : nil, timestampSeconds: curve.timestamps,
        relevance: curve.relevance, prompt: hasPrompts ? prompts : nil, encoding: encoding),
      notes: notes + selection.notes)
  }
}
