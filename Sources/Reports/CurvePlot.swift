import Foundation
import Records

/// One video's anomaly curve as a separate SVG file for papers and slides: axes, annotated
/// and detected intervals, class curves, key-frame pins and a legend.
public struct CurvePlot: Sendable {
  public let video: ReportVideo
  /// The picture's width in pixels.
  public let width: Int

  /// - Precondition: `width` is at least 240.
  public init(video: ReportVideo, width: Int = 960) {
    precondition(width >= 240, "an axis does not fit into \(width) pixels")
    self.video = video
    self.width = width
  }

  /// The SVG document. It follows the viewer's light or dark setting and needs no other
  /// file.
  ///
  /// - Throws: `ReportError` if the video's numbers cannot be drawn.
  public func svg() throws -> String {
    try video.validate()
    let drawing = CurveDrawing(
      video: video, plotHeight: 190, maximumTicks: max(2, min(12, width / 80)))
    let top = 64
    let classes = classLegend(of: drawing, below: Double(top) + drawing.height + 14)
    let height = Int((Double(top) + drawing.height + 10 + classes.height).rounded(.up))
    return SVG.document(
      width: width, height: height, title: video.id, description: drawing.summary,
      light: CurveColors.light.rules, dark: CurveColors.dark.rules,
      content: [
        SVG.text(shortTitle, "title", x: .pixels(44), y: 28),
        SVG.text(subtitle, "label", x: .pixels(44), y: 46),
        legend,
        "<svg x=\"44\" y=\"\(top)\" width=\"\(width - 64)\" height=\"\(drawing.height)\" "
          + "overflow=\"visible\">",
        drawing.content, "</svg>",
      ] + classes.elements)
  }

  /// Writes the document atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(svg().utf8), to: url)
  }

  /// The id, without its middle if it would reach the legend.
  private var shortTitle: String {
    let room = max(12, (width - (width >= 640 ? 460 : 64)) / 11)
    guard video.id.count > room else { return video.id }
    return video.id.prefix(room / 2) + "…" + video.id.suffix(room / 2 - 1)
  }

  private var subtitle: String {
    var parts: [String] = []
    if let name = video.className { parts.append(name) }
    parts.append(TimeAxis.clock(video.durationSeconds, tenths: true))
    if let peak = video.peak {
      parts.append(
        "peak \(DecimalText.fixed(peak.score, 2)) at "
          + TimeAxis.clock(peak.startSeconds, tenths: true))
    }
    if let area = video.areaUnderROC { parts.append("AUC \(DecimalText.fixed(area, 3))") }
    return parts.joined(separator: " · ")
  }

  /// The marks with their names, from the right edge to the left.
  private var legend: String {
    var entries: [(mark: String, name: String)] = [("curve", "anomaly score")]
    if video.groundTruth != nil { entries.append(("truth-bar", "annotated")) }
    if video.threshold != nil { entries.append(("detected-bar", "detected")) }
    if !video.keyFrames.isEmpty { entries.append(("pin-head", "key frame")) }
    guard width >= 640 else { return "" }
    var x = width - 20
    return entries.reversed().map { entry in
      x -= entry.name.count * 6 + 30
      let mark =
        switch entry.mark {
        case "curve": SVG.path("curve", "M\(x) 24h14")
        case "pin-head": SVG.circle("pin-head", x: .pixels(Double(x + 7)), y: 24, radius: 5)
        default:
          SVG.rectangle(
            entry.mark, x: .pixels(Double(x)), y: 21, width: .pixels(14), height: 6)
        }
      return mark + SVG.text(entry.name, "label", x: .pixels(Double(x + 19)), y: 28)
    }.joined()
  }

  /// The drawn classes below the curve, in lines from the left edge.
  private func classLegend(
    of drawing: CurveDrawing, below top: Double
  ) -> (elements: [String], height: Double) {
    guard !drawing.classes.isEmpty else { return ([], 0) }
    var x = 44
    var y = top
    let elements = drawing.classes.enumerated().map { place, entry in
      let name = entry.name.count > 40 ? entry.name.prefix(39) + "…" : entry.name
      let entryWidth = name.count * 7 + 34
      if x > 44, x + entryWidth > width - 20 { (x, y) = (44, y + 18) }
      defer { x += entryWidth }
      return SVG.path(CurveColors.series(place), "M\(x) \(SVG.number(y))h14")
        + SVG.text(name, "label", x: .pixels(Double(x + 19)), y: y + 4)
    }
    return (elements, y - top + 18)
  }
}
