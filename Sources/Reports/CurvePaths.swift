/// The path of a curve with one step per snippet, in the box of 1000 x 100 units that
/// `SVG.stretched` fits to a drawing.
package struct StepCurvePath {
  /// The stroked line: the steps joined by verticals, broken at gaps.
  package let line: String
  /// The area between the line and score 0.
  package let area: String

  package static let width = 1000.0
  package static let height = 100.0

  package init(scores: [ReportScore], durationSeconds: Double) {
    var line = ""
    var area = ""
    var previousEnd: Double?
    func x(_ seconds: Double) -> String {
      DecimalText.trimmed(
        min(Self.width, max(0, Self.width * seconds / durationSeconds)), digits: 2)
    }
    for score in scores {
      let start = x(score.startSeconds)
      let end = x(score.endSeconds)
      let y = DecimalText.trimmed(Self.height * (1 - score.score), digits: 2)
      // Snippet ranges are quotients, so a rounding error is no gap.
      if let previousEnd, score.startSeconds - previousEnd < 1e-3 {
        line += "V\(y)H\(end)"
        area += "V\(y)H\(end)"
      } else {
        if previousEnd != nil { area += "V100Z" }
        line += "M\(start) \(y)H\(end)"
        area += "M\(start) 100V\(y)H\(end)"
      }
      previousEnd = score.endSeconds
    }
    if previousEnd != nil { area += "V100Z" }
    self.line = line
    self.area = area
  }
}

/// The path of a curve through points, broken at missing points.
package struct PolylinePath {
  /// The stroked line. A point without neighbours becomes a dot.
  package let line: String
  /// The area between the line and `baseline`.
  package let area: String

  /// - Parameter baseline: the y coordinate down to which the area reaches.
  package init(points: [(x: Double, y: Double)?], baseline: Double) {
    var line = ""
    var area = ""
    for run in points.split(whereSeparator: { $0 == nil }).map({ $0.compactMap { $0 } }) {
      guard let first = run.first, let last = run.last else { continue }
      let text = run.map { "\(SVG.number($0.x)) \(SVG.number($0.y))" }.joined(separator: "L")
      line += "M" + text + (run.count == 1 ? "h0.01" : "")
      area +=
        "M\(SVG.number(first.x)) \(SVG.number(baseline))L" + text
        + "L\(SVG.number(last.x)) \(SVG.number(baseline))Z"
    }
    self.line = line
    self.area = area
  }
}

/// Reduces a curve that has more steps than a screen has pixels.
package enum ScoreThinning {
  /// At most `limit` scores. Each run of neighbours becomes its lowest and its highest
  /// score in their order, so that no peak is lost. Up to `limit` scores remain unchanged.
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
