import Foundation

/// The curves of several models over one video in one plot, with the annotated stretches shaded:
/// the content of an `svg` element, x in percent of the viewport, y in pixels.
struct ModelCurvesDrawing {
  let video: ComparisonReportVideo
  /// The most steps of a curve that are drawn.
  let limit: Int

  private static let top = 8.0
  private static let plotHeight = 150.0
  /// The height of the whole drawing in pixels.
  static let height = top + plotHeight + 22

  /// The drawing's elements, without the surrounding `svg`.
  var content: String {
    let scale = TimeScale(durationSeconds: video.durationSeconds, maximumTicks: 8)
    let bottom = Self.top + Self.plotHeight
    let grid = [0.0, 0.5, 1.0].map { value in
      let y = Self.top + Self.plotHeight * (1 - value)
      return SVG.rule("grid", y: y)
        + SVG.text(
          DecimalText.trimmed(value, digits: 1), "label", x: .pixels(-7), y: y, shift: 4,
          anchor: .end)
    }.joined()
    let truth = ReportInterval.joined(video.groundTruth ?? []).map { interval in
      let start = scale.x(interval.startSeconds)
      return SVG.rectangle(
        "truth-band", x: .percent(start), y: Self.top,
        width: .percent(max(scale.x(interval.endSeconds) - start, 0.15)), height: Self.plotHeight,
        title: "Annotated \(TimeAxis.clock(interval.startSeconds, tenths: true)) to "
          + TimeAxis.clock(interval.endSeconds, tenths: true))
    }.joined()
    return grid + truth
      + SVG.stretched(y: Self.top, height: Self.plotHeight, content: paths(limit: limit))
      + scale.drawing(at: bottom)
  }

  /// The same curves without axes, for a closed card.
  var sparkline: String {
    let axis = TimeAxis(durationSeconds: video.durationSeconds)
    let truth = ReportInterval.joined(video.groundTruth ?? []).map { interval in
      let start = axis.percent(interval.startSeconds) * 10
      return SVG.rectangle(
        "truth-band", x: .pixels(start), y: 0,
        width: .pixels(max(axis.percent(interval.endSeconds) * 10 - start, 4)), height: 100)
    }.joined()
    return "<svg class=\"spark\" viewBox=\"0 -4 1000 108\" preserveAspectRatio=\"none\" "
      + "aria-hidden=\"true\">\(truth)\(paths(limit: min(limit, 40)))</svg>"
  }

  /// The drawing in words, for people who do not see it.
  func summary(models: [String]) -> String {
    zip(models, video.curves).compactMap { name, curve in
      ReportScore.peak(of: curve).map {
        "\(name): highest \(DecimalText.fixed($0.score, 2)) at "
          + TimeAxis.clock($0.startSeconds, tenths: true) + "."
      }
    }.joined(separator: " ")
  }

  private func paths(limit: Int) -> String {
    video.curves.enumerated().reversed().map { place, curve in
      curve.isEmpty
        ? ""
        : SVG.path(
          CurveColors.series(place) + " m\(place)",
          CompactStepPath(
            scores: ScoreThinning.thin(curve, limit: limit),
            durationSeconds: video.durationSeconds
          ).line,
          keepsStroke: true)
    }.joined()
  }
}

/// The stroked path of a curve with one step per snippet in the box of `StepCurvePath`, in
/// relative coordinates of a tenth: half as long as the absolute ones.
struct CompactStepPath {
  let line: String

  init(scores: [ReportScore], durationSeconds: Double) {
    func tenths(_ value: Double, limit: Int) -> Int {
      min(limit, max(0, Int((value * Double(limit)).rounded())))
    }
    var line = ""
    var x = 0
    var y = 0
    var previousEnd: Double?
    for score in scores {
      let end = tenths(score.endSeconds / durationSeconds, limit: 10_000)
      let level = tenths(1 - score.score, limit: 1000)
      if let previousEnd, score.startSeconds - previousEnd < 1e-3 {
        if level != y { line += "v" + Self.text(level - y) }
      } else {
        x = tenths(score.startSeconds / durationSeconds, limit: 10_000)
        line += "M\(Self.text(x)) \(Self.text(level))"
      }
      line += "h" + Self.text(end - x)
      (x, y) = (end, level)
      previousEnd = score.endSeconds
    }
    self.line = line
  }

  /// Tenths as a number without needless zeros: `12`, `-.5`.
  private static func text(_ tenths: Int) -> String {
    let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    let sign = tenths < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole == 0 ? "" : "\(whole)").\(rest)"
  }
}
