import Foundation

/// One video's curve as the content of an `svg` element: x in percent of the
/// viewport, y in pixels, so that it fits any width without stretching text.
///
/// From the top: numbered key-frame pins, the plot with its truth bands and
/// threshold, the lanes of truth and detections, and the time axis.
struct CurveDrawing {
  let video: ReportVideo
  /// The scores as they are drawn, thinned where there are very many.
  let scores: [ReportScore]
  let axis: TimeAxis

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
    axis = TimeAxis(durationSeconds: video.durationSeconds, maximumTicks: maximumTicks)
    pinRows = Self.rows(
      of: video.keyFrames.map { [axis] in axis.percent($0.timestampSeconds) })
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
    [frame, truthBands, curve, threshold, lanes, timeAxis, pins].joined(separator: "\n")
  }

  /// What the drawing shows, in words, for those who do not see it.
  var summary: String {
    func span(_ interval: ReportInterval) -> String {
      TimeAxis.clock(interval.startSeconds, tenths: true) + " to "
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
      let y = number(plotTop + plotHeight * (1 - value))
      return "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
        + "<text class=\"label\" x=\"-7\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">"
        + "\(DecimalText.trimmed(value, digits: 1))</text>"
    }.joined()
  }

  private var truthBands: String {
    ReportInterval.joined(video.groundTruth ?? []).map { interval in
      rectangle(interval, y: plotTop, height: plotHeight, kind: "truth-band", name: "Annotated")
    }.joined()
  }

  private var curve: String {
    let path = CurvePath(scores: scores, durationSeconds: video.durationSeconds)
    return "<svg x=\"0\" y=\"\(number(plotTop))\" width=\"100%\" height=\"\(number(plotHeight))\" "
      + "viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" overflow=\"visible\">"
      + "<path class=\"area\" d=\"\(path.area)\"/>"
      + "<path class=\"curve\(scores.count > 300 ? " dense" : "")\" d=\"\(path.line)\" vector-effect=\"non-scaling-stroke\"/></svg>"
  }

  private var threshold: String {
    guard let value = video.threshold, (0...1).contains(value) else { return "" }
    let y = number(plotTop + plotHeight * (1 - value))
    return "<line class=\"threshold\" x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\">"
      + "<title>Detection threshold \(DecimalText.trimmed(value, digits: 3))</title></line>"
  }

  private var lanes: String {
    var y = plotBottom + Self.laneGap + 2
    var drawn = ""
    func lane(_ intervals: [ReportInterval], kind: String, name: String) {
      drawn +=
        "<rect class=\"lane\" x=\"0\" y=\"\(number(y))\" width=\"100%\" "
        + "height=\"\(number(Self.laneHeight))\"/>"
      drawn += ReportInterval.joined(intervals).map { interval in
        rectangle(interval, y: y, height: Self.laneHeight, kind: kind, name: name)
      }.joined()
      y += Self.laneHeight + Self.laneGap
    }
    if let truth = video.groundTruth { lane(truth, kind: "truth-bar", name: "Annotated") }
    if video.threshold != nil { lane(video.detections, kind: "detected-bar", name: "Detected") }
    return drawn
  }

  private var timeAxis: String {
    let top = number(axisTop)
    let line = "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"\(top)\" y2=\"\(top)\"/>"
    return line
      + axis.ticks.enumerated().map { index, seconds in
        let percent = axis.percent(seconds)
        let x = number(percent) + "%"
        let anchor = percent > 97 ? "end" : percent < 1 ? "start" : "middle"
        return "<g class=\"tick\(index % 2 == 1 ? " odd" : "")\">"
          + "<line class=\"axis\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(top)\" "
          + "y2=\"\(number(axisTop + 4))\"/>"
          + "<text class=\"label\" x=\"\(x)\" y=\"\(number(axisTop + 17))\" "
          + "text-anchor=\"\(anchor)\">\(axis.label(seconds))</text></g>"
      }.joined()
  }

  private var pins: String {
    video.keyFrames.enumerated().map { index, frame in
      let x = number(axis.percent(frame.timestampSeconds)) + "%"
      let y = 10 + Double(pinRows[index]) * Self.pinRowHeight
      var dot = ""
      if let score = video.scores.first(where: {
        $0.startSeconds <= frame.timestampSeconds && frame.timestampSeconds < $0.endSeconds
      }) {
        dot =
          "<circle class=\"pin-dot\" cx=\"\(x)\" "
          + "cy=\"\(number(plotTop + plotHeight * (1 - score.score)))\" r=\"3.5\"/>"
      }
      var title = "Key frame \(index + 1) at "
      title += TimeAxis.clock(frame.timestampSeconds, tenths: true)
      if let role = frame.role { title += ", \(HTMLText.escapedLine(role))" }
      return "<g class=\"pin\"><title>\(title)</title>"
        + "<line class=\"stem\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(number(y + 8))\" "
        + "y2=\"\(number(axisTop))\"/>\(dot)"
        + "<circle class=\"pin-head\" cx=\"\(x)\" cy=\"\(number(y))\" r=\"8.5\"/>"
        + "<text class=\"pin-number\" x=\"\(x)\" y=\"\(number(y))\" dy=\"3.7\" "
        + "text-anchor=\"middle\">\(index + 1)</text></g>"
    }.joined(separator: "\n")
  }

  private func rectangle(
    _ interval: ReportInterval, y: Double, height: Double, kind: String, name: String
  ) -> String {
    let start = axis.percent(interval.startSeconds)
    let width = max(axis.percent(interval.endSeconds) - start, 0.15)
    return "<rect class=\"\(kind)\" x=\"\(number(start))%\" y=\"\(number(y))\" "
      + "width=\"\(number(width))%\" height=\"\(number(height))\"><title>\(name) "
      + "\(TimeAxis.clock(interval.startSeconds, tenths: true)) to "
      + "\(TimeAxis.clock(interval.endSeconds, tenths: true))</title></rect>"
  }

  private func number(_ value: Double) -> String { DecimalText.trimmed(value, digits: 3) }

  /// Puts pins that would touch (nearer than 5 percent, at a phone's width) into
  /// up to three rows.
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
