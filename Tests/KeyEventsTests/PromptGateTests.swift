import Encoders
import Foundation
import KeyEvents
import TestSupport
import Testing
import Video

/// Scores frames by their brightness; its margin is a constant.
private struct BrightnessScorer: RelevanceScorer {
  var margin: Double?
  var identity: ScorerIdentity { ScorerIdentity(kind: "test", model: "brightness") }
  var queries: [String] { ["light"] }
  var preferredScaling: VideoScaling { .native }
  var observationsPerSecond: Double { 0 }
  func begin(_ info: VideoInfo) -> any RelevanceScoring { Scoring(margin: margin) }

  private final class Scoring: RelevanceScoring {
    private let margin: Double?
    private var results: [CandidateRelevance] = []
    init(margin: Double?) { self.margin = margin }
    func observe(_ frame: VideoFrame, isCandidate: Bool) {
      guard isCandidate else { return }
      let (red, green) = (Float(frame.image.pixels[0]), Float(frame.image.pixels[1]))
      results.append(
        CandidateRelevance(
          value: Double(red), prompt: "light", margin: margin, embedding: [red + 1, green + 1]))
    }
    func finish() -> [CandidateRelevance] { results }
  }
}

@Suite struct PromptGateTests {
  private func candidates(_ margins: [Double?]) -> [CandidateRelevance] {
    margins.map { CandidateRelevance(value: 0.2, margin: $0) }
  }

  @Test func `is open where one margin reaches the threshold, and not there without margins`() {
    #expect(PromptGate(threshold: 0, candidates: candidates([-0.1, 0, nil]))?.isOpen == true)
    let closed = PromptGate(threshold: 0.05, candidates: candidates([-0.1, 0.04]))
    #expect(closed?.isOpen == false && closed?.greatestMargin == 0.04)
    #expect(closed?.promptRelevance == [0.2, 0.2])
    #expect(PromptGate(threshold: 0, candidates: candidates([nil, nil])) == nil)
  }

  /// 12 seconds: grey, with another colour from 6 s on; brightest in the first second.
  private func clip() throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let path = folder.file("clip.mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 4)
    for place in 0..<48 {
      let (red, green): (UInt8, UInt8) = place < 4 ? (200, 200) : place < 24 ? (90, 90) : (20, 160)
      try writer.append(RGBImage(width: 64, height: 48, red: red, green: green, blue: 90))
    }
    try writer.finish()
    return (folder, path)
  }

  @Test func `a video that no prompt matches is covered by visual change, and the record says so`()
    throws
  {
    let (folder, path) = try clip()
    defer { withExtendedLifetime(folder) {} }
    let record = try KeyEventSelector.select(
      path: path, options: SelectionOptions(frames: 1),
      scorer: BrightnessScorer(margin: -0.01)
    ).record
    #expect(record.gate?.isOpen == false && record.gate?.threshold == 0)
    #expect(record.frames.map(\.timestampSeconds) == [6])
    #expect(record.frames[0].prompt == nil && record.candidates.prompt == nil)
    #expect(record.notes.first?.hasPrefix("no prompt matches this video") == true)
    #expect(record.gate?.promptRelevance?.count == record.candidates.relevance.count)
  }

  @Test func `an open gate, no gate and a scorer without margins leave relevance as it is`() throws
  {
    let (folder, path) = try clip()
    defer { withExtendedLifetime(folder) {} }
    for (margin, gate) in [(0.1, 0.0), (-0.1, nil), (nil, 0.0)] as [(Double?, Double?)] {
      let record = try KeyEventSelector.select(
        path: path, options: SelectionOptions(frames: 1, strategy: .topk, gate: gate),
        scorer: BrightnessScorer(margin: margin)
      ).record
      #expect(record.frames.map(\.timestampSeconds) == [0])
      #expect(record.frames[0].prompt == "light")
      #expect(!record.notes.contains { $0.hasPrefix("no prompt") })
      #expect((record.gate == nil) == (margin == nil || gate == nil))
    }
  }
}
