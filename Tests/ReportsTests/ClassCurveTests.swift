import Foundation
import Reports
import TestSupport
import Testing

@Suite struct ClassCurveTests {
  /// Four snippets of one second with the given class curves.
  private func video(_ curves: [ReportClassCurve]?) -> ReportVideo {
    ReportVideo(
      id: "clip", durationSeconds: 4,
      scores: (0..<4).map {
        ReportScore(startSeconds: Double($0), endSeconds: Double($0 + 1), score: 0.5)
      }, classCurves: curves)
  }

  private func page(_ video: ReportVideo) throws -> String {
    try DetectionReportPage(report: DetectionReport(title: "t", dataset: "d", videos: [video]))
      .html()
  }

  private let two = [
    ReportClassCurve(name: "Arson", scores: [0.1, 0.2, 0.1, 0]),
    ReportClassCurve(name: "Fire & <b>", scores: [0, 0.25, 0.75, 0.25]),
  ]

  @Test("each class is a thin line, and the legend ranks the classes by their highest score")
  func drawn() throws {
    let html = try page(video(two))
    #expect(html.contains("class=\"series s0\" d=\"M0 100H250V75H500V25H750V75H1000\""))
    #expect(html.contains("class=\"series s1\" d=\"M0 90H250V80H500V90H750V100H1000\""))
    let legend = try #require(
      html.firstMatch(of: /<ul class="legend class-legend">(.*?)<\/ul>/)?.output.1)
    #expect(legend.contains("Fire &amp; &lt;b&gt; <b>0.75</b> at 0:02.0"))
    #expect(legend.contains("Arson <b>0.20</b> at 0:01.0"))
    let (fire, arson) = try (
      #require(legend.range(of: "Fire")), #require(legend.range(of: "Arson"))
    )
    #expect(fire.lowerBound < arson.lowerBound)
    #expect(html.contains("Highest class: Fire &amp; &lt;b&gt;, 0.75 at 0:02.0."))
    #expect(html.contains("</svg>class scores</li>"))
  }

  @Test("a model without classes gives a card without class lines and legend")
  func none() throws {
    for curves in [nil, []] as [[ReportClassCurve]?] {
      let html = try page(video(curves))
      #expect(!html.contains("class=\"series"))
      #expect(!html.contains("<ul class=\"legend class-legend"))
      #expect(!html.contains("class scores"))
    }
  }

  @Test("of more than three classes the highest are drawn, and the others are counted")
  func many() throws {
    let curves = (0..<13).map {
      ReportClassCurve(name: "class \($0)", scores: [0, Double($0) / 20, 0, 0])
    }
    let html = try page(video(curves))
    let card = try #require(html.firstMatch(of: /<article.*<\/article>/.dotMatchesNewlines()))
    #expect(card.output.matches(of: /vector-effect[^>]*><path class="series s\d"/).count >= 1)
    #expect(card.output.contains("class 12 <b>0.60</b>") && card.output.contains("class 10 <b>"))
    #expect(!card.output.contains("class 9 <b>"))
    #expect(card.output.contains("10 lower classes not drawn"))
  }

  @Test("detections are listed with their classes, and touching ones of two classes stay apart")
  func events() throws {
    var clip = video(two)
    clip.threshold = 0.4
    clip.detections = [
      ReportInterval(startSeconds: 0, endSeconds: 1, className: "Arson", classScore: 0.25),
      ReportInterval(startSeconds: 1, endSeconds: 2, className: "Fire & <b>", classScore: 0.75),
    ]
    let html = try page(clip)
    let list = try #require(html.firstMatch(of: /<ul class="events".*?<\/ul>/)?.output)
    #expect(list.contains("<b>Arson</b> 0:00.0 to 0:01.0 <span class=\"dim\">0.25</span>"))
    #expect(list.contains("<b>Fire &amp; &lt;b&gt;</b> 0:01.0 to 0:02.0"))
    #expect(html.contains("<title>Detected Arson 0:00.0 to 0:01.0</title>"))
    #expect(html.contains("Detected: Arson 0:00.0 to 0:01.0, Fire &amp; &lt;b&gt; 0:01.0"))
    clip.detections = clip.detections.map {
      ReportInterval(startSeconds: $0.startSeconds, endSeconds: $0.endSeconds)
    }
    #expect(try !page(clip).contains("<ul class=\"events\""))
    clip.detections[1].classScore = 2
    #expect(throws: ReportError.self) { try page(clip) }
  }

  @Test("the SVG file of a video has the class lines and their names below the axis")
  func plot() throws {
    for width in [240, 960] {
      let svg = try CurvePlot(video: video(two), width: width).svg()
      let elements = try SVGElements.of(svg)
      let lines = elements.filter { $0["class"]?.hasPrefix("series") ?? false }
      #expect(lines.count == 4)
      #expect(svg.contains(">Fire &amp; &lt;b&gt;</text>"))
      let document = try #require(elements.first)
      let height = try #require(Double(document["height"] ?? ""))
      let places = elements.compactMap { Double($0["y"] ?? "") }
      #expect(try #require(places.max()) < height)
    }
  }

  @Test("class curves of another length or out of range are refused by video and class")
  func refused() {
    for (scores, finding) in [
      ([0.1, 0.2, 0.3], "clip: 3 scores of class 'Arson', expected 4"),
      ([0.1, 0.2, 0.3, 1.5], "clip: score 3 of class 'Arson' is 1.5"),
      ([0.1, .nan, 0.3, 0.5], "clip: score 1 of class 'Arson' is nan"),
    ] {
      #expect {
        try page(video([ReportClassCurve(name: "Arson", scores: scores)]))
      } throws: { "\($0)".hasPrefix(finding) }
    }
  }

  @Test("a record with class curves reads back equal, and one without has no key for them")
  func record() throws {
    let folder = try TemporaryFolder()
    for curves in [two, nil] {
      let report = DetectionReport(
        title: "t", dataset: "d", created: Date(timeIntervalSince1970: 1_790_000_000),
        videos: [video(curves)])
      let url = folder.file("report.json")
      try report.write(to: url)
      #expect(try DetectionReport.read(from: url) == report)
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(text.contains("classCurves") == (curves != nil))
    }
  }
}
