// Key frames by a relevance of one's own, the share of red pixels:  CustomScorer VIDEO
import Foundation
import KeyEvents
import Video

/// Scores a frame by the share of its pixels in which red dominates.
struct RednessScorer: RelevanceScorer {
  // Records contain it: scorers with equal identities must give equal relevance.
  let identity = ScorerIdentity(kind: "example", model: "redness-v1")
  let queries: [String] = []
  let preferredScaling = VideoScaling.longestSide(64)
  // Only the candidates themselves; a scorer of motion would ask for frames between them.
  let observationsPerSecond = 0.0

  func begin(_ info: VideoInfo) -> any RelevanceScoring { Scoring() }

  /// The scoring of one video.
  private final class Scoring: RelevanceScoring {
    private var relevance: [CandidateRelevance] = []

    func observe(_ frame: VideoFrame, isCandidate: Bool) {
      guard isCandidate else { return }
      let pixels = frame.image.pixels
      let red = stride(from: 0, to: pixels.count, by: 3).count {
        Int(pixels[$0]) > Int(pixels[$0 + 1]) + 30 && Int(pixels[$0]) > Int(pixels[$0 + 2]) + 30
      }
      relevance.append(CandidateRelevance(value: Double(red) / Double(pixels.count / 3)))
    }

    func finish() -> [CandidateRelevance] { relevance }
  }
}

let selection = try KeyEventSelector.select(
  path: CommandLine.arguments[1], options: SelectionOptions(frames: 4), scorer: RednessScorer())
for frame in selection.record.frames {
  print(
    String(
      format: "%5.2f s: relevance %.3f, %@", frame.timestampSeconds, frame.relevance ?? .nan,
      frame.role.rawValue))
}
