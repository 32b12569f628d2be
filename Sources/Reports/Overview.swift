/// The videos at a glance: a small curve each, and how their peaks separate by
/// class.
struct Overview {
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

  /// A row a class: every video a dot at its highest score.
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
    let drawn = ordered.map { row in
      let isAnomalous = row.cards.contains { $0.video.isAnomalous ?? false }
      var marks = "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"13\" y2=\"13\"/>"
      if thresholds.count == 1, let threshold = thresholds.first {
        let x = percent(threshold)
        marks += "<line class=\"threshold\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"26\"/>"
      }
      marks +=
        "<line class=\"mean\" x1=\"\(percent(row.median))\" x2=\"\(percent(row.median))\" "
        + "y1=\"4\" y2=\"22\"/>"
      for card in row.cards {
        guard let peak = card.video.peak else { continue }
        marks +=
          "<a href=\"#\(card.anchor)\"><circle class=\"seed\(isAnomalous ? " anomalous" : "")\" "
          + "cx=\"\(percent(peak.score))\" cy=\"13\" r=\"5\"><title>"
          + "\(HTMLText.escapedLine(card.video.id)): \(DecimalText.fixed(peak.score, 3))"
          + "</title></circle></a>"
      }
      let name = HTMLText.escapedLine(row.name)
      return "<div class=\"class-row\"><div class=\"variant\">\(name)"
        + " <span class=\"dim\">\(row.cards.count)</span></div>"
        + "<svg class=\"dots\" height=\"26\" role=\"img\"><title>Highest scores of \(name), median "
        + "\(DecimalText.fixed(row.median, 2))</title>\(marks)</svg></div>"
    }.joined(separator: "\n")
    let axis = stride(from: 0, through: 10, by: 2).map { tenth in
      "<text class=\"label\" x=\"\(tenth * 10)%\" y=\"12\" text-anchor=\"middle\">"
        + "\(DecimalText.trimmed(Double(tenth) / 10, digits: 1))</text>"
    }.joined()
    return """
      <section><h2>Highest score by class</h2>
      <div class="panel classes">
      \(drawn)
      <div class="class-row"><div></div><svg class="dots" height="16" aria-hidden="true">\(axis)</svg></div>
      <p class="fine">Every dot is a video, the tick the class's median\
      \(thresholds.count == 1 ? ", the dashed line the detection threshold" : "").</p>
      </div></section>
      """
  }

  private func percent(_ value: Double) -> String {
    DecimalText.trimmed(100 * min(1, max(0, value)), digits: 2) + "%"
  }
}
