import Foundation

/// One video's curve as the content of an `svg` element: x in percent of the viewport, y
/// in pixels, so that it fits any width without stretching text.
///
/// From the top: numbered key-frame pins, the plot with truth bands, threshold and class
/// curves, the lanes of truth and detections, and the time axis.
struct CurveDrawing {
  let video: ReportVideo
  /// The drawn scores, thinned if there are very many.
  let scores: [ReportScore]
  /// The drawn class curves, the highest first.
  let classes: [DrawnClass]

  /// One class curve of the drawing.
  struct DrawnClass {
    let name: String
    /// Its highest score, the first of equals.
    let peak: ReportScore
    fileprivate let scores: [ReportScore]
  }

  /// More class curves than this would hide each other and the anomaly curve.
  static let classLimit = 3

  private let scale: TimeScale
  private let plotTop: Double
  private let plotHeight: Double
  private let pinRows: [Int]

  private static let pinRowHeight = 19.0
  private static let laneHeight = 6.0
  private static let laneGap = 3.0

  init(video: ReportVideo, plotHeight: Double = 150, maximumTicks: Int = 8) {
    self.video = video
    self.plotHeight = plotHeight
    scores = ScoreThinning.thin(video.scores, limit: 1000)
    classes = Self.classes(of: video)
    let scale = TimeScale(durationSeconds: video.durationSeconds, maximumTicks: maximumTicks)
    self.scale = scale
    pinRows = Self.rows(of: video.keyFrames.map { scale.x($0.timestampSeconds) })
    let rowCount = (pinRows.max() ?? -1) + 1
    plotTop = 8 + Double(rowCount) * Self.pinRowHeight
  }

  /// The height of the whole drawing in pixels.
  var height: Double { axisTop + 22 }

  private var plotBottom: Double { plotTop + plotHeight }
  private var laneCount: Int {
    (video.groundTruth == nil ? 0 : 1) + (video.threshold == nil ? 0 : 1)
  }
  private var axisTop: Double {
    plotBottom + Double(laneCount) * (Self.laneHeight + Self.laneGap) + (laneCount > 0 ? 3 : 0)
  }

  /// The drawing's elements, without the surrounding `svg`.
  var content: String {
    [frame, truthBands, curve, threshold, lanes, scale.drawing(at: axisTop), pins].joined(
      separator: "\n")
  }

  /// The drawing in words, for people who do not see it.
  var summary: String {
    func span(_ interval: ReportInterval) -> String {
      (interval.className.map { "\($0) " } ?? "")
        + TimeAxis.clock(interval.startSeconds, tenths: true) + " to "
        + TimeAxis.clock(interval.endSeconds, tenths: true)
    }
    var parts = ["Anomaly score from 0 to 1 over \(TimeAxis.clock(video.durationSeconds))."]
    if let peak = video.peak {
      parts.append(
        "Highest \(DecimalText.fixed(peak.score, 2)) at "
          + TimeAxis.clock(peak.startSeconds, tenths: true) + ".")
    } else {
      parts.append("No scores.")
    }
    if let first = classes.first {
      parts.append(
        "Highest class: \(first.name), \(DecimalText.fixed(first.peak.score, 2)) at "
          + TimeAxis.clock(first.peak.startSeconds, tenths: true) + ".")
    }
    if let truth = video.groundTruth {
      parts.append(
        truth.isEmpty
          ? "No anomaly is annotated."
          : "Annotated anomaly: " + ReportInterval.joined(truth).map(span).joined(separator: ", ")
            + ".")
    }
    if video.threshold != nil {
      parts.append(
        video.detections.isEmpty
          ? "Nothing is detected."
          : "Detected: " + ReportInterval.joined(video.detections).map(span).joined(separator: ", ")
            + ".")
    }
    if !video.keyFrames.isEmpty {
      parts.append(
        "Key frames at "
          + video.keyFrames.map { TimeAxis.clock($0.timestampSeconds, tenths: true) }
          .joined(separator: ", ") + ".")
    }
    return parts.joined(separator: " ")
  }

  private var frame: String {
    [0.0, 0.5, 1.0].map { value in
      let y = plotTop + plotHeight * (1 - value)
      return SVG.rule("grid", y: y)
        + SVG.text(
          DecimalText.trimmed(value, digits: 1), "label", x: .pixels(-7), y: y, shift: 4,
          anchor: .end)
    }.joined()
  }

  private var truthBands: String {
    ReportInterval.joined(video.groundTruth ?? []).map { interval in
      rectangle(interval, y: plotTop, height: plotHeight, kind: "truth-band", name: "Annotated")
    }.joined()
  }

  private var curve: String {
    let path = StepCurvePath(scores: scores, durationSeconds: video.durationSeconds)
    // The highest class comes last, so that it lies on top.
    let lines = classes.enumerated().reversed().map { place, curve in
      SVG.path(
        CurveColors.series(place),
        StepCurvePath(scores: curve.scores, durationSeconds: video.durationSeconds).line,
        keepsStroke: true)
    }.joined()
    return SVG.stretched(
      y: plotTop, height: plotHeight,
      content: SVG.path("area", path.area) + lines
        + SVG.path("curve\(scores.count > 300 ? " dense" : "")", path.line, keepsStroke: true))
  }

  private var threshold: String {
    guard let value = video.threshold, (0...1).contains(value) else { return "" }
    return SVG.rule(
      "threshold", y: plotTop + plotHeight * (1 - value),
      title: "Detection threshold \(DecimalText.trimmed(value, digits: 3))")
  }

  private var lanes: String {
    var y = plotBottom + Self.laneGap + 2
    var drawn = ""
    func lane(_ intervals: [ReportInterval], kind: String, name: String) {
      drawn += SVG.rectangle(
        "lane", x: .pixels(0), y: y, width: .percent(100), height: Self.laneHeight)
      drawn += ReportInterval.joined(intervals).map { interval in
        rectangle(interval, y: y, height: Self.laneHeight, kind: kind, name: name)
      }.joined()
      y += Self.laneHeight + Self.laneGap
    }
    if let truth = video.groundTruth { lane(truth, kind: "truth-bar", name: "Annotated") }
    if video.threshold != nil { lane(video.detections, kind: "detected-bar", name: "Detected") }
    return drawn
  }

  private var pins: String {
    video.keyFrames.enumerated().map { index, frame in
      let x = SVG.Length.percent(scale.x(frame.timestampSeconds))
      let y = 10 + Double(pinRows[index]) * Self.pinRowHeight
      let score = video.scores.first {
        $0.startSeconds <= frame.timestampSeconds && frame.timestampSeconds < $0.endSeconds
      }
      let dot = score.map {
        SVG.circle("pin-dot", x: x, y: plotTop + plotHeight * (1 - $0.score), radius: 3.5)
      }
      var title = "Key frame \(index + 1) at "
      title += TimeAxis.clock(frame.timestampSeconds, tenths: true)
      if let role = frame.role { title += ", \(HTMLText.escapedLine(role))" }
      return "<g class=\"pin\"><title>\(title)</title>"
        + SVG.line("stem", x1: x, y1: y + 8, x2: x, y2: axisTop) + (dot ?? "")
        + SVG.circle("pin-head", x: x, y: y, radius: 8.5)
        + SVG.text("\(index + 1)", "pin-number", x: x, y: y, shift: 3.7, anchor: .middle)
        + "</g>"
    }.joined(separator: "\n")
  }

  private func rectangle(
    _ interval: ReportInterval, y: Double, height: Double, kind: String, name: String
  ) -> String {
    let start = scale.x(interval.startSeconds)
    return SVG.rectangle(
      kind, x: .percent(start), y: y,
      width: .percent(max(scale.x(interval.endSeconds) - start, 0.15)), height: height,
      title: name + (interval.className.map { " \($0)" } ?? "")
        + " \(TimeAxis.clock(interval.startSeconds, tenths: true)) to "
        + TimeAxis.clock(interval.endSeconds, tenths: true))
  }

  private static func classes(of video: ReportVideo) -> [DrawnClass] {
    let ranked = (video.classCurves ?? []).compactMap { curve -> DrawnClass? in
      let scores = zip(video.scores, curve.scores).map { range, score in
        ReportScore(
          startSeconds: range.startSeconds, endSeconds: range.endSeconds, score: score)
      }
      guard let peak = ReportScore.peak(of: scores) else { return nil }
      return DrawnClass(
        name: curve.name, peak: peak, scores: ScoreThinning.thin(scores, limit: 400))
    }.enumerated().sorted {
      ($0.element.peak.score, $1.offset) > ($1.element.peak.score, $0.offset)
    }
    return ranked.prefix(classLimit).map(\.element)
  }

  /// Distributes pins over up to three rows, so that pins nearer than 5 percent (the size
  /// of a pin on a phone) do not touch.
  private static func rows(of positions: [Double]) -> [Int] {
    var lastOfRow = [Double](repeating: -.infinity, count: 3)
    var rows = [Int](repeating: 0, count: positions.count)
    for index in positions.indices.sorted(by: { positions[$0] < positions[$1] }) {
      let row = lastOfRow.indices.first { positions[index] - lastOfRow[$0] >= 5 }
      rows[index] = row ?? lastOfRow.indices.min { lastOfRow[$0] < lastOfRow[$1] } ?? 0
      lastOfRow[rows[index]] = positions[index]
    }
    return rows
  }
}
