import Foundation
import Records
import Reports
import TestSupport
import Testing

@Suite(.blocking) struct ComparisonReportPageTests {
  /// So many videos with curves of so many models, the same every time.
  private func report(videos count: Int, models: Int = 3, snippets: Int = 40) -> ComparisonReport {
    var generator = SeededGenerator(seed: 5)
    let names = (0..<models).map { "model-\($0)" }
    return ComparisonReport(
      title: "Made up: models side by side", dataset: "made-up",
      created: Date(timeIntervalSince1970: 1_790_000_000),
      findings: ["model-1 against model-0: not clearly different."], notes: ["A note."],
      metrics: names.map {
        ReportMetric(name: "Frame AUC", variant: $0, values: [0.8, 0.9], chance: 0.5)
      },
      table: ReportTable(
        title: "Models", columns: ["model", "AUC"], rows: names.map { [$0, "0.8500"] }),
      models: names,
      classes: [
        ComparisonReportClass(
          name: "Fighting", videoCount: 3,
          areas: (0..<models).map {
            $0 == models - 1 ? nil : .init(mean: 0.75, least: 0.5, greatest: 1)
          })
      ],
      videos: (0..<count).map { index in
        let seconds = Double(snippets) * 16 / 25
        return ComparisonReportVideo(
          id: "video\(index)", className: "Fighting", isAnomalous: true, durationSeconds: seconds,
          curves: (0..<models).map { model in
            var level = 0.5
            return ReportScore.snippets(
              (0..<snippets).map { _ in
                level = min(1, max(0, level + 0.1 * generator.nextNormal()))
                return Float(level)
              }, framesPerSecond: 25, durationSeconds: seconds)
          },
          areas: (0..<models).map { $0 == 0 ? nil : 0.9 },
          groundTruth: [ReportInterval(startSeconds: 2, endSeconds: 4)],
          spread: 0.9 - Double(index) / 1000, rankSpread: Double(index) / 1000)
      })
  }

  @Test("300 videos of six models are a page below 5 MB, complete in itself")
  func size() throws {
    let html = try ComparisonReportPage(report: report(videos: 300, models: 6, snippets: 240))
      .html()
    #expect(html.utf8.count < 5_000_000, "\(html.utf8.count) bytes")
    #expect(html.matches(of: /<details/).count == 300)
    #expect(html.matches(of: /<details[^>]* open>/).count == 6)
    #expect(!html.contains("://") && !html.contains("url("))
  }

  @Test("curves are stepped paths of each model, and the annotated stretch is shaded")
  func curves() throws {
    var report = report(videos: 1, models: 2, snippets: 2)
    report.videos[0].durationSeconds = 4
    report.videos[0].curves = [
      [
        ReportScore(startSeconds: 0, endSeconds: 1, score: 0.25),
        ReportScore(startSeconds: 1, endSeconds: 4, score: 0.5),
      ], [],
    ]
    let html = try ComparisonReportPage(report: report).html()
    #expect(html.contains("class=\"series s0 m0\" d=\"M0 75h250v-25h750\""))
    #expect(!html.contains("series s1 m1\" d="))
    #expect(html.contains("<rect class=\"truth-band\" x=\"50%\""))
    #expect(html.contains("body:has(#t1:not(:checked)) .cards .m1{display:none}"))
  }

  @Test("what cannot be drawn truthfully is refused by name")
  func refused() throws {
    var report = report(videos: 2)
    report.videos[1].id = "video0"
    #expect(throws: ReportError.self) { try ComparisonReportPage(report: report).html() }
    report = self.report(videos: 1)
    report.videos[0].curves.removeLast()
    #expect(throws: ReportError.self) { try ComparisonReportPage(report: report).html() }
    report = self.report(videos: 1)
    report.videos[0].curves[1][0].score = 1.5
    #expect(throws: ReportError.self) { try ComparisonReportPage(report: report).html() }
    report = self.report(videos: 1)
    report.models[1] = report.models[0]
    #expect(throws: ReportError.self) { try ComparisonReportPage(report: report).html() }
    report = self.report(videos: 1)
    report.table.rows.removeLast()
    #expect(throws: ReportError.self) { try ComparisonReportPage(report: report).html() }
  }

  private struct Findings: Decodable {
    var readout: String
    var order: [String]
    var hidden: String
    var overflow: Double
  }

  @Test("under the pointer stand the scores of all shown models; boxes hide models; orders sort")
  func scripted() throws {
    let report = report(videos: 4)
    let probe = """
      <script>
      (function () {
        var box = document.querySelector(".curve-box"), bounds = box.getBoundingClientRect();
        box.dispatchEvent(new PointerEvent("pointermove", {
          clientX: bounds.left + bounds.width * 0.51, clientY: bounds.top + 40 }));
        var readout = box.querySelector(".readout").textContent;
        document.querySelector("#t1").click();
        var hidden = getComputedStyle(document.querySelector(".cards .m1")).display;
        var select = document.querySelector(".sorter select");
        select.value = "rank"; select.dispatchEvent(new Event("change"));
        var probe = document.body.appendChild(document.createElement("pre"));
        probe.id = "probe";
        probe.textContent = JSON.stringify({
          readout: readout, hidden: hidden,
          order: Array.from(document.querySelectorAll(".cards > *")).map(function (card) {
            return card.dataset.name; }),
          overflow: document.documentElement.scrollWidth - window.innerWidth });
      })();
      </script></body>
      """
    let folder = try TemporaryFolder()
    for width in [1280, 500] {
      let html = try ComparisonReportPage(report: report).html()
        .replacing(/script-src 'sha256-[^']*'/, with: "script-src 'unsafe-inline'")
        .replacing("</body>", with: probe)
      let url = folder.file("probe.html")
      try Data(html.utf8).write(to: url)
      let run = try Chromium().dumpDocument(url, width: width)
      #expect(run.console.isEmpty, "\(run.console)")
      let text = try #require(run.output.firstMatch(of: /<pre id="probe">(.+?)<\/pre>/))
      let found = try JSONDecoder().decode(Findings.self, from: Data(text.output.1.utf8))
      #expect(found.order == ["video3", "video2", "video1", "video0"])
      #expect(found.hidden == "none" && found.overflow <= 0)
      let middle = report.videos[0].durationSeconds * 0.51
      let scores = report.videos[0].curves.compactMap { curve in
        curve.first { $0.startSeconds <= middle && middle < $0.endSeconds }.map {
          String(format: "%.3f", $0.score)
        }
      }
      #expect(found.readout.hasSuffix(scores.joined()), "\(found.readout), \(scores)")
    }
  }

  @Test("hostile text is shown as text: no script runs and nothing is fetched")
  func hostile() throws {
    let attack =
      "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
      + "\" onmouseover=\"x ' & </style></title></svg>\u{2028}after\u{202E}txt"
    var report = report(videos: 2, models: 2)
    report.title = "Safe title"
    report.dataset = attack
    report.findings = [attack]
    report.notes = [attack]
    report.failures = [attack]
    report.models[1] = attack
    report.table.columns[1] = attack
    report.table.rows[0] = [attack, attack]
    report.metrics[0].variant = attack
    report.classes[0].name = attack
    report.videos[0].id = attack
    report.videos[0].className = attack
    let folder = try TemporaryFolder()
    let url = folder.file("hostile.html")
    try ComparisonReportPage(report: report).write(to: url)
    let run = try Chromium().dumpDocument(url)
    #expect(run.console.isEmpty, "\(run.console)")
    #expect(run.output.contains("<title>Safe title</title>") && !run.output.contains("<img"))
    #expect(run.output.matches(of: /<script/).count == 1)
  }
}
