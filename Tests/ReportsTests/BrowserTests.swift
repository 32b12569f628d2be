import Foundation
import Reports
import TestSupport
import Testing
import Video

/// The page as a real browser shows it. Serialized: a browser wants a core.
@Suite(.serialized, .blocking) struct BrowserTests {
  /// What the probe script finds in the rendered page.
  private struct Findings: Codable {
    var curves: Int
    var bands: [[Double]]
    var pictures: Int
    var undecoded: Int
    var overflow: Double
    var order: [String]
    var readout: String
    var opened: Bool
    var description: String
  }

  /// Writes the page with a script of the test's own added: it reads what is
  /// laid out, moves a pointer over a curve and picks another order.
  private func probe(
    _ report: DetectionReport, width: Int, edit: (inout DetectionReportPage) -> Void = { _ in }
  ) throws -> Findings {
    let folder = try TemporaryFolder()
    var page = DetectionReportPage(report: report, order: .given)
    edit(&page)
    let script = """
      <pre id="probe"></pre><script>
      addEventListener("load", function () {
        var all = function (query) { return Array.from(document.querySelectorAll(query)); };
        var closed = document.querySelector("details.card");
        if (closed) { location.hash = closed.querySelector(".card-body").id; }
        var box = document.querySelector(".curve-box"), r = box.getBoundingClientRect();
        box.dispatchEvent(new PointerEvent("pointermove", {clientX: r.left + r.width / 2}));
        var select = document.querySelector("select");
        select.value = "peak"; select.dispatchEvent(new Event("change"));
        setTimeout(function () {
          document.getElementById("probe").textContent = JSON.stringify({
            curves: all("svg.plot path.curve").length,
            bands: all("svg.plot rect.truth-band").map(function (band) {
              var b = band.getBoundingClientRect();
              var p = band.ownerSVGElement.getBoundingClientRect();
              return [(b.left - p.left) / p.width, b.width / p.width];
            }),
            pictures: all("img").length,
            undecoded: all("img").filter(function (i) { return !i.naturalWidth; }).length,
            overflow: document.documentElement.scrollWidth - innerWidth,
            order: all(".card").map(function (card) { return card.dataset.name; }),
            readout: (document.querySelector(".readout") || {}).textContent || "",
            opened: closed ? closed.open : false,
            description: document.querySelector(".description .text").textContent
          });
        }, 300);
      });
      </script></body>
      """
    let html = try page.html()
      .replacing(/script-src 'sha256-[^']*'/, with: "script-src 'unsafe-inline'")
      .replacing("</body>", with: script)
    let url = folder.file("probe.html")
    try Data(html.utf8).write(to: url)
    let run = try Chromium().dumpDocument(url, width: width)
    #expect(run.console.isEmpty, "\(run.console)")
    let found = try #require(
      run.output.firstMatch(of: /<pre id="probe">(.+?)<\/pre>/), "the probe did not run")
    let text = String(found.output.1).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&amp;", with: "&")
    return try JSONDecoder().decode(Findings.self, from: Data(text.utf8))
  }

  @Test("curves, pictures, truth bands, readout and order are what the record says")
  func rendered() throws {
    let report = try SampleReport.make(videos: 6)
    let findings = try probe(report, width: 1280)
    #expect(findings.curves == 6)
    #expect(findings.pictures == 36 && findings.undecoded == 0)
    #expect(findings.overflow <= 0)
    // Everything but the readout is read after the cards have changed places.
    let shown = report.videos.sorted { ($0.peak?.score ?? 0) > ($1.peak?.score ?? 0) }
    #expect(findings.order == shown.map(\.id))
    #expect(findings.description == shown[0].description?.text)
    let middle = report.videos[0].durationSeconds / 2
    let score = try #require(
      report.videos[0].scores.first { $0.startSeconds <= middle && middle < $0.endSeconds })
    #expect(findings.readout.hasSuffix(String(format: "score %.3f", score.score)))
    let expected =
      shown
      .flatMap { video in
        (video.groundTruth ?? []).map {
          [
            $0.startSeconds / video.durationSeconds,
            ($0.endSeconds - $0.startSeconds) / video.durationSeconds,
          ]
        }
      }
    try #require(findings.bands.count == expected.count)
    for (found, wanted) in zip(findings.bands, expected) {
      #expect(abs(found[0] - wanted[0]) < 0.003 && abs(found[1] - wanted[1]) < 0.003)
    }
  }

  @Test("a narrow page of closed cards fits its window, and a link opens its card")
  func narrow() throws {
    let findings = try probe(try SampleReport.make(videos: 6), width: 500) { page in
      page.collapsesAbove = 3
      page.report.videos[1].id = String(repeating: "long", count: 60)
      page.report.stages[1].model = String(repeating: "m", count: 200)
    }
    #expect(findings.opened)
    #expect(findings.overflow <= 0)
  }

  @Test("hostile text is shown as text: no script runs and nothing is fetched")
  func hostile() throws {
    let attack =
      "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
      + "\" onmouseover=\"x ' & &amp; </style></title></svg>\u{2028}after\u{202E}txt "
    var report = try SampleReport.make(videos: 6, withPictures: false)
    report.title = "Safe title"
    report.dataset = attack
    report.finding = attack
    report.notes = [attack]
    report.metrics[0].name = attack
    report.metrics[1].variant = attack
    report.stages[0] = ReportStage(
      stage: attack, used: attack, model: attack, revision: attack, key: attack, items: 1,
      itemName: attack)
    report.videos[0].id = attack
    report.videos[0].className = attack
    report.videos[0].split = attack
    report.videos[0].notes = [attack]
    report.videos[0].keyFrames[0].role = attack
    report.videos[0].keyFrames[0].reason = attack
    report.videos[0].description = ReportDescription(
      text: attack, describer: attack, revision: attack)
    let folder = try TemporaryFolder()
    let url = folder.file("hostile.html")
    try DetectionReportPage(report: report, order: .given).write(to: url)
    let run = try Chromium().dumpDocument(url)
    #expect(run.console.isEmpty, "\(run.console)")
    #expect(run.output.contains("<title>Safe title</title>"))
    #expect(run.output.contains("class=\"scripted\""), "the page's own script did not run")
    #expect(!run.output.contains("<img"))
    #expect(run.output.matches(of: /<script/).count == 1)
    #expect(run.output.matches(of: /<article/).count == 6)
    let text = try #require(
      run.output.firstMatch(of: /<p class="text" dir="auto">(.*?)<\/p>/.dotMatchesNewlines()))
    #expect(text.output.1.hasPrefix("&lt;script&gt;document.title='owned'&lt;/script&gt;&lt;img"))
    #expect(text.output.1.hasSuffix("\nafter[U+202E]txt "))
  }

  @Test("curve and annotation have their colours on the screen, light and dark")
  func screenshot() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("page.html")
    var report = try SampleReport.make(videos: 2, withPictures: false)
    report.videos.removeFirst()
    report.metrics = []
    try DetectionReportPage(report: report).write(to: url)
    for (isDark, curve, truth, ground) in [
      (false, (0x16, 0x59, 0xB7), (0xD4, 0x50, 0x1A), (0xF6, 0xF7, 0xF8)),
      (true, (0x74, 0xB2, 0xFF), (0xFF, 0x8D, 0x57), (0x10, 0x13, 0x17)),
    ] {
      let picture = folder.file("page-\(isDark).png")
      _ = try Chromium().screenshot(url, to: picture, width: 1000, height: 900, isDark: isDark)
      let image = try ImageFile.read(path: picture.path)
      #expect(image.width == 1000 && image.height == 900)
      func count(_ color: (Int, Int, Int)) -> Int {
        (0..<image.width * image.height).count { index in
          let base = index * 3
          return abs(Int(image.pixels[base]) - color.0) <= 3
            && abs(Int(image.pixels[base + 1]) - color.1) <= 3
            && abs(Int(image.pixels[base + 2]) - color.2) <= 3
        }
      }
      // A curve of 860 pixels, two pixels wide; a bar of some 170 by 6.
      #expect(count(curve) > 1500)
      #expect(count(truth) > 800)
      #expect(count(ground) > 100_000)
    }
  }
}
