import Foundation
import Records

/// One video's anomaly curve as an SVG file of its own, with axes, annotated and
/// detected intervals, key-frame pins and a legend, for papers and slides.
public struct CurvePlot: Sendable {
  public let video: ReportVideo
  /// The picture's width in pixels.
  public let width: Int

  /// - Precondition: `width` is at least 240.
  public init(video: ReportVideo, width: Int = 960) {
    precondition(width >= 240, "a curve of \(width) pixels holds no axis")
    self.video = video
    self.width = width
  }

  /// The SVG document. It follows the viewer's light or dark setting and needs
  /// no other file.
  ///
  /// - Throws: `ReportError` where the video's numbers cannot be drawn.
  public func svg() throws -> String {
    try video.validate()
    let drawing = CurveDrawing(
      video: video, plotHeight: 190, maximumTicks: max(2, min(12, width / 80)))
    let top = 64.0
    let height = Int((top + drawing.height + 10).rounded(.up))
    let title = HTMLText.escapedLine(video.id)
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title desc">
      <title id="title">\(title)</title>
      <desc id="desc">\(HTMLText.escapedLine(drawing.summary))</desc>
      <style>\(CurveColors.light.rules)
      @media (prefers-color-scheme:dark){\(CurveColors.dark.rules)}</style>
      <rect class="surface" width="\(width)" height="\(height)"/>
      <text class="title" x="44" y="28">\(HTMLText.escapedLine(shortTitle))</text>
      <text class="label" x="44" y="46">\(HTMLText.escapedLine(subtitle))</text>
      \(legend)
      <svg x="44" y="\(Int(top))" width="\(width - 64)" height="\(drawing.height)" \
      overflow="visible">
      \(drawing.content)
      </svg>
      </svg>

      """
  }

  /// Writes the document atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(svg().utf8), to: url)
  }

  /// The id, its middle left out where it would run into the legend.
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

  /// Marks and their names, set from the right edge.
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
        case "curve": "<path class=\"curve\" d=\"M\(x) 24h14\"/>"
        case "pin-head": "<circle class=\"pin-head\" cx=\"\(x + 7)\" cy=\"24\" r=\"5\"/>"
        default: "<rect class=\"\(entry.mark)\" x=\"\(x)\" y=\"21\" width=\"14\" height=\"6\"/>"
        }
      return mark + "<text class=\"label\" x=\"\(x + 19)\" y=\"28\">\(entry.name)</text>"
    }.joined()
  }
}
