import Records

/// A stretch of frames that a class's scores propose as an event.
struct SegmentProposal: Sendable, Equatable {
  /// The video's place in the order of ids.
  var video: Int
  var frames: Range<Int>
  var score: Double
}

/// VadCLIP's proposals: from a class's snippet scores, each standing for 16 frames, the runs of
/// frames over one threshold for each video.
///
/// The arithmetic is that of the released code: scores in single precision, their mean summed in
/// single precision from the highest on, the threshold rounded to single precision before the
/// comparison, and the score of a proposal in double precision. That is how NumPy 1, which its
/// authors used, promotes types.
///
/// Two steps of that code change nothing and are left out. A run needs at least 2 frames, and one
/// snippet has 16. Proposals of a video that overlap by more than 0.6 are suppressed, and runs
/// over one threshold do not overlap.
enum SegmentProposals {
  /// The proposals in one video, in order of time.
  ///
  /// - Parameters:
  ///   - scores: one class's, one per snippet.
  ///   - video: the video's place in the order of ids.
  static func find(in scores: [Float], video: Int) -> [SegmentProposal] {
    guard let high = scores.max(), let low = scores.min() else { return [] }
    let threshold = Float(Double(high) - Double(high - low) * 0.6)
    let level = topMean(scores)
    var found: [SegmentProposal] = []
    var start: Int?
    for index in 0...scores.count {
      if index < scores.count, scores[index] > threshold {
        start = start ?? index
      } else if let first = start {
        let peak = scores[first..<index].max() ?? high
        found.append(
          SegmentProposal(
            video: video, frames: first * Snippet.frameCount..<index * Snippet.frameCount,
            score: Double(peak) + 0.7 * Double(level)))
        start = nil
      }
    }
    return found
  }

  /// The mean of the ⌊frames / 16⌋ highest frame scores, which are as many as there are snippets.
  private static func topMean(_ scores: [Float]) -> Float {
    let descending = scores.sorted(by: >)
    var sum: Float = 0
    for frame in scores.indices { sum += descending[frame / Snippet.frameCount] }
    return sum / Float(scores.count)
  }
}

/// Average precision of proposals at an overlap with the annotated events.
enum SegmentPrecision {
  /// The overlaps of all tables.
  static let overlaps = [0.1, 0.2, 0.3, 0.4, 0.5]

  /// Average precision at each of `overlaps`, in percent: the sum of the precisions at the
  /// proposals that find an event, divided by the number of events; 0 without events.
  ///
  /// Proposals are taken by falling score, those of equal score by video and start (the released
  /// code leaves the order of equals to NumPy's sort). Each takes the event of its video that it
  /// overlaps most, if the overlap suffices and no earlier one took it. The overlap of two
  /// half-open ranges of frames is intersection over union.
  ///
  /// - Parameter events: by the video's place in the order of ids.
  static func averages(_ proposals: [SegmentProposal], events: [[Range<Int>]]) -> [Double] {
    let count = events.reduce(0) { $0 + $1.count }
    guard count > 0 else { return overlaps.map { _ in 0 } }
    let ordered = proposals.sorted {
      ($1.score, $0.video, $0.frames.lowerBound) < ($0.score, $1.video, $1.frames.lowerBound)
    }
    return overlaps.map { least in
      var left = events
      var found = 0
      var sum = 0.0
      for (place, proposal) in ordered.enumerated() {
        var best: (index: Int, overlap: Double)?
        for (index, event) in left[proposal.video].enumerated() {
          let overlap = overlap(event, proposal.frames)
          if overlap >= least, overlap > best?.overlap ?? 0 { best = (index, overlap) }
        }
        guard let best else { continue }
        left[proposal.video].remove(at: best.index)
        found += 1
        sum += Double(found) / Double(place + 1)
      }
      return 100 * sum / Double(count)
    }
  }

  private static func overlap(_ a: Range<Int>, _ b: Range<Int>) -> Double {
    let shared = max(0, min(a.upperBound, b.upperBound) - max(a.lowerBound, b.lowerBound))
    return Double(shared) / Double(a.count + b.count - shared)
  }
}
