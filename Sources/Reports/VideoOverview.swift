/// All videos at a glance: a small curve per video, and the peaks by class.
struct VideoOverview {
  let cards: [VideoCard]

  var html: String {
    let tiles = cards.map { card in
      let video = card.video
      let isAnomalous = video.isAnomalous ?? false
      let peak = video.peak.map { DecimalText.fixed($0.score, 2) } ?? "no scores"
      let verdict = VideoCard.verdict(video)
      let name = HTMLText.escapedLine(video.className ?? "")
      let about = verdict.isEmpty ? "<span>\(name)</span>" : verdict
      return "<a class=\"tile\(isAnomalous ? " anomalous" : "")\" href=\"#\(card.anchor)\" "
        + "title=\"\(HTMLText.escapedLine(video.id))\(name.isEmpty ? "" : ", \(name)")\">\(Sparkline(video: video).svg)"
        + "<span class=\"tile-name\">\(HTMLText.escapedLine(video.id))</span>"
        + "<span class=\"tile-line\">\(about)<b>\(peak)</b></span></a>"
    }.joined(separator: "\n")
    return """
      <section><h2>All videos at a glance</h2>
      <div class="tiles\(cards.count > 60 ? " dense" : "")">
      \(tiles)
      </div></section>
      \(classes)
      """
  }

  /// A row per class, with a dot per video at its highest score.
  private var classes: String {
    let named = cards.filter { $0.video.className != nil && $0.video.peak != nil }
    let rows = Dictionary(grouping: named) { $0.video.className ?? "" }
    guard rows.count > 1 else { return "" }
    func median(_ cards: [VideoCard]) -> Double {
      let peaks = cards.compactMap { $0.video.peak?.score }.sorted()
      guard !peaks.isEmpty else { return 0 }
      return (peaks[(peaks.count - 1) / 2] + peaks[peaks.count / 2]) / 2
    }
    let ordered = rows.map { (name: $0.key, cards: $0.value, median: median($0.value)) }
      .sorted { ($0.median, $1.name) > ($1.median, $0.name) }
    let thresholds = Set(cards.compactMap(\.video.threshold))
    let dots = DotRow(domain: 0...1)
    let drawn = ordered.map { row in
      let isAnomalous = row.cards.contains { $0.video.isAnomalous ?? false }
      var marks = SVG.rule("grid", y: 13)
      if thresholds.count == 1, let threshold = thresholds.first {
        marks += dots.tick("threshold", at: threshold, from: 0, to: 26)
      }
      marks += dots.tick("mean", at: row.median, from: 4, to: 22)
      for card in row.cards {
        guard let peak = card.video.peak else { continue }
        marks +=
          "<a href=\"#\(card.anchor)\">"
          + SVG.circle(
            "seed\(isAnomalous ? " anomalous" : "")", x: dots.x(peak.score), y: 13, radius: 5,
            title: "\(card.video.id): \(DecimalText.fixed(peak.score, 3))") + "</a>"
      }
      let name = HTMLText.escapedLine(row.name)
      return "<div class=\"class-row\"><div class=\"variant\">\(name)"
        + " <span class=\"dim\">\(row.cards.count)</span></div>"
        + "<svg class=\"dots\" height=\"26\" role=\"img\"><title>Highest scores of \(name), median "
        + "\(DecimalText.fixed(row.median, 2))</title>\(marks)</svg></div>"
    }.joined(separator: "\n")
    let axis = dots.labels([0, 0.2, 0.4, 0.6, 0.8, 1])
    return """
      <section><h2>Highest score by class</h2>
      <div class="panel classes">
      \(drawn)
      <div class="class-row"><div></div>\(axis)</div>
      <p class="fine">Every dot is a video, the tick the class's median\
      \(thresholds.count == 1 ? ", the dashed line the detection threshold" : "").</p>
      </div></section>
      """
  }
}

/// A video's curve without axes, for the overview and for closed cards.
struct Sparkline {
  let video: ReportVideo
  /// The greatest number of drawn steps: more do not fit into a small picture.
  static let limit = 90

  var svg: String {
    let path = StepCurvePath(
      scores: ScoreThinning.thin(video.scores, limit: Self.limit),
      durationSeconds: video.durationSeconds)
    let axis = TimeAxis(durationSeconds: video.durationSeconds)
    let truth = (video.groundTruth ?? []).map { interval in
      let start = axis.percent(interval.startSeconds) * 10
      return SVG.rectangle(
        "truth-band", x: .pixels(start), y: 0,
        width: .pixels(max(axis.percent(interval.endSeconds) * 10 - start, 4)), height: 100)
    }.joined()
    return "<svg class=\"spark\" viewBox=\"0 -4 1000 108\" preserveAspectRatio=\"none\" "
      + "aria-hidden=\"true\">\(truth)" + SVG.path("area", path.area)
      + SVG.path("curve", path.line, keepsStroke: true)
      + SVG.path("grid", "M0 100H1000", keepsStroke: true) + "</svg>"
  }
}
