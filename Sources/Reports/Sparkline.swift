/// A video's curve without axes, for the overview and for closed cards.
struct Sparkline {
  let video: ReportVideo
  /// The most steps drawn: a small picture has no room for more.
  static let limit = 90

  var svg: String {
    let path = CurvePath(
      scores: ScoreThinning.thin(video.scores, limit: Self.limit),
      durationSeconds: video.durationSeconds)
    let axis = TimeAxis(durationSeconds: video.durationSeconds)
    let truth = (video.groundTruth ?? []).map { interval in
      let start = axis.percent(interval.startSeconds) * 10
      let width = max(axis.percent(interval.endSeconds) * 10 - start, 4)
      return "<rect class=\"truth-band\" x=\"\(DecimalText.trimmed(start, digits: 1))\" y=\"0\" "
        + "width=\"\(DecimalText.trimmed(width, digits: 1))\" height=\"100\"/>"
    }.joined()
    return "<svg class=\"spark\" viewBox=\"0 -4 1000 108\" preserveAspectRatio=\"none\" "
      + "aria-hidden=\"true\">\(truth)<path class=\"area\" d=\"\(path.area)\"/>"
      + "<path class=\"curve\" d=\"\(path.line)\" vector-effect=\"non-scaling-stroke\"/>"
      + "<path class=\"grid\" d=\"M0 100H1000\" vector-effect=\"non-scaling-stroke\"/></svg>"
  }
}
