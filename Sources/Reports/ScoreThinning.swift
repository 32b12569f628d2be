/// Fewer steps for a curve that has more than a screen has pixels.
package enum ScoreThinning {
  /// At most `limit` scores: each run of neighbours becomes its lowest and its
  /// highest score, in the order in which they come, so that no peak is lost.
  /// Returns the scores unchanged where there are no more than `limit`.
  package static func thin(_ scores: [ReportScore], limit: Int) -> [ReportScore] {
    let pairs = max(1, limit / 2)
    guard scores.count > max(2, limit) else { return scores }
    return (0..<pairs).flatMap { pair -> [ReportScore] in
      let first = pair * scores.count / pairs
      let last = (pair + 1) * scores.count / pairs - 1
      var low = first
      var high = first
      for index in first...last {
        if scores[index].score < scores[low].score { low = index }
        if scores[index].score > scores[high].score { high = index }
      }
      let start = scores[first].startSeconds
      let end = scores[last].endSeconds
      guard low != high else {
        return [ReportScore(startSeconds: start, endSeconds: end, score: scores[low].score)]
      }
      let middle = (start + end) / 2
      return [
        ReportScore(
          startSeconds: start, endSeconds: middle, score: scores[min(low, high)].score),
        ReportScore(startSeconds: middle, endSeconds: end, score: scores[max(low, high)].score),
      ]
    }
  }
}
