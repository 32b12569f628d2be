import Foundation

/// One video of the page: its curves, key frames, description and facts.
struct VideoCard {
  let video: ReportVideo
  /// The card's number on the page, for links.
  let number: Int
  /// Whether the card is closed until the reader opens it.
  let isCollapsed: Bool

  var anchor: String { "v\(number)" }

  var html: String {
    let data =
      "data-name=\"\(HTMLText.escapedLine(video.id))\" "
      + "data-class=\"\(HTMLText.escapedLine(video.className ?? "~"))\" "
      + "data-peak=\"\(DecimalText.fixed(video.peak?.score ?? -1, 6))\" "
      + "data-auc=\"\(DecimalText.fixed(video.areaUnderROC ?? 2, 6))\" data-given=\"\(number)\""
    let body = [figure, events, keyFrames, description, notes].filter { !$0.isEmpty }
      .joined(separator: "\n")
    guard isCollapsed else {
      return """
        <article class="panel card" id="\(anchor)" \(data)>
        <header class="card-head">\(heading)</header>
        \(body)
        </article>
        """
    }
    // A link to something inside opens the element without a script.
    return """
      <details class="panel card" \(data)>
      <summary class="card-head">\(heading)\(Sparkline(video: video).svg)</summary>
      <div class="card-body" id="\(anchor)">
      \(body)
      </div></details>
      """
  }

  private var heading: String {
    var facts: [String] = []
    if let split = video.split { facts.append(HTMLText.escapedLine(split)) }
    facts.append(TimeAxis.clock(video.durationSeconds, tenths: true))
    if let rate = video.framesPerSecond {
      facts.append("\(DecimalText.trimmed(rate, digits: 2)) fps")
    }
    var figures = Self.verdict(video)
    if let area = video.areaUnderROC {
      figures += "<span class=\"figure\"><b>\(DecimalText.fixed(area, 3))</b> AUC</span>"
    }
    if let peak = video.peak {
      figures +=
        "<span class=\"figure\"><b>\(DecimalText.fixed(peak.score, 2))</b> peak at "
        + "\(TimeAxis.clock(peak.startSeconds, tenths: true))</span>"
    }
    return "<h3>\(HTMLText.escapedLine(video.id))</h3>\(Self.chip(video))"
      + "<span class=\"facts\">\(facts.joined(separator: " · "))</span>"
      + "<span class=\"figures\">\(figures)</span>"
  }

  /// The class as a chip, coloured when it is an anomaly.
  static func chip(_ video: ReportVideo) -> String {
    guard let name = video.className else {
      return video.isAnomalous.map {
        "<span class=\"chip\($0 ? " anomalous" : "")\">\($0 ? "anomalous" : "normal")</span>"
      } ?? "<span class=\"chip unknown\">class unknown</span>"
    }
    let isAnomalous = video.isAnomalous ?? false
    return "<span class=\"chip\(isAnomalous ? " anomalous" : "")\">"
      + "\(HTMLText.escapedLine(name))</span>"
  }

  /// The two outcomes that need attention, in words; empty for the others.
  static func verdict(_ video: ReportVideo) -> String {
    switch video.outcome {
    case .missed: "<span class=\"verdict\">missed</span>"
    case .falseAlarm: "<span class=\"verdict\">false alarm</span>"
    case .found, .quiet, nil: ""
    }
  }

  private var figure: String {
    guard !video.scores.isEmpty else { return "<p class=\"fine\">This video has no scores.</p>" }
    let drawing = CurveDrawing(video: video)
    let height = DecimalText.trimmed(drawing.height, digits: 2)
    let steps = drawing.scores.map { score in
      [score.startSeconds, score.endSeconds, score.score].map {
        DecimalText.trimmed($0, digits: 3)
      }.joined(separator: " ")
    }.joined(separator: ",")
    return """
      \(classLegend(of: drawing))<div class="curve-box" data-duration="\(DecimalText.trimmed(video.durationSeconds, digits: 3))" \
      data-steps="\(steps)">
      <svg class="plot" height="\(height)" role="img" \
      aria-labelledby="\(anchor)t \(anchor)d"><title id="\(anchor)t">Anomaly curve of \
      \(HTMLText.escapedLine(video.id))</title>\
      <desc id="\(anchor)d">\(HTMLText.escapedLine(drawing.summary))</desc>
      \(drawing.content)
      </svg></div>
      """
  }

  /// The drawn classes with their highest scores; empty for models without classes.
  private func classLegend(of drawing: CurveDrawing) -> String {
    guard !drawing.classes.isEmpty else { return "" }
    var entries = drawing.classes.enumerated().map { place, entry in
      "<svg aria-hidden=\"true\">\(SVG.path(CurveColors.series(place), "M0 6H16"))</svg>"
        + "\(HTMLText.escapedLine(entry.name)) <b>\(DecimalText.fixed(entry.peak.score, 2))</b> at "
        + TimeAxis.clock(entry.peak.startSeconds, tenths: true)
    }
    let others = (video.classCurves?.count ?? 0) - drawing.classes.count
    if others > 0 {
      entries.append("\(others) lower \(others == 1 ? "class" : "classes") not drawn")
    }
    return "<ul class=\"legend class-legend\">"
      + entries.map { "<li>\($0)</li>" }.joined() + "</ul>\n"
  }

  /// The detections with their classes; empty for models without classes.
  private var events: String {
    let named = ReportInterval.joined(video.detections).filter { $0.className != nil }
    guard !named.isEmpty else { return "" }
    let items = named.map { event in
      "<li><b>\(HTMLText.escapedLine(event.className ?? ""))</b> "
        + "\(TimeAxis.clock(event.startSeconds, tenths: true)) to "
        + TimeAxis.clock(event.endSeconds, tenths: true)
        + (event.classScore.map { " <span class=\"dim\">\(DecimalText.fixed($0, 2))</span>" } ?? "")
        + "</li>"
    }.joined()
    return "<ul class=\"events\" aria-label=\"Detected, with the most likely class\">"
      + "<li class=\"dim\">Detected</li>\(items)</ul>"
  }

  private var keyFrames: String {
    guard !video.keyFrames.isEmpty else { return "" }
    let count = video.keyFrames.count
    let axis = TimeAxis(durationSeconds: video.durationSeconds)
    let columns = max(count, 4)
    let leaders = video.keyFrames.enumerated().map { index, frame in
      let from = DecimalText.trimmed(axis.percent(frame.timestampSeconds) * 10, digits: 2)
      let to = DecimalText.trimmed(1000 * (Double(index) + 0.5) / Double(columns), digits: 2)
      return "<path d=\"M\(from) 0C\(from) 60 \(to) 40 \(to) 100\" "
        + "vector-effect=\"non-scaling-stroke\"/>"
    }.joined()
    let figures = video.keyFrames.enumerated().map(thumbnail).joined(separator: "\n")
    // More than ten in a row would be too small, so they wrap instead.
    let isRow = columns <= 10
    let drawn =
      isRow
      ? "<svg class=\"leaders\" viewBox=\"0 0 1000 100\" preserveAspectRatio=\"none\" "
        + "aria-hidden=\"true\">\(leaders)</svg>" : ""
    return drawn
      + "<div class=\"frames\(isRow ? " row" : "")\" style=\"--n:\(columns)\">\n\(figures)\n</div>"
  }

  private func thumbnail(index: Int, frame: ReportKeyFrame) -> String {
    let time = TimeAxis.clock(frame.timestampSeconds, tenths: true)
    let picture: String
    if let data = frame.image, let type = Self.mediaType(of: data) {
      picture =
        "<img src=\"data:\(type);base64,\(data.base64EncodedString())\" decoding=\"async\" "
        + "alt=\"Key frame \(index + 1) of \(HTMLText.escapedLine(video.id)) at \(time)\">"
    } else {
      picture = "<div class=\"no-picture\">no picture</div>"
    }
    let role = frame.role.map { "<span class=\"role\">\(HTMLText.escapedLine($0))</span>" } ?? ""
    let reason =
      frame.reason.map { "<span class=\"reason\">\(HTMLText.escapedLine($0))</span>" } ?? ""
    return "<figure>\(picture)<figcaption><span class=\"pin-tag\">\(index + 1)</span>"
      + "<span class=\"when\">\(time)</span>\(role)\(reason)</figcaption></figure>"
  }

  /// The type of a picture by its first bytes; nil for other formats than JPEG and PNG.
  static func mediaType(of data: Data) -> String? {
    if data.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
    if data.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    return nil
  }

  private var description: String {
    guard let description = video.description else { return "" }
    var source = HTMLText.escapedLine(description.describer)
    if let revision = description.revision {
      source += " @ \(HTMLText.escapedLine(PipelineTable.shortened(revision)))"
    }
    return """
      <div class="description"><p class="text" dir="auto">\(HTMLText.escaped(description.text))</p>
      <p class="fine">\(PipelineTable.badge(description.implementation))Described by \(source)</p></div>
      """
  }

  private var notes: String {
    HTMLPage.list(video.notes, kind: "fine")
  }
}
