/// The path of a score curve: a step a snippet, in a box of 1000 x 100 units
/// that the drawing stretches to its width.
package struct CurvePath {
  /// The stroked line: the steps joined by verticals, broken at gaps.
  package let line: String
  /// The same closed down to score 0.
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
      // Snippet ranges come from divisions: a gap is more than a rounding error.
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
