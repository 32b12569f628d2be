import Foundation
import Reports
import TestSupport
import Testing

@Suite struct TrainingReportPageTests {
  private func series(_ name: String, _ values: [Double], every stride: Int = 10)
    -> TrainingSeries
  {
    TrainingSeries(
      name: name,
      points: values.enumerated().map { TrainingPoint(step: $0 * stride, value: $1) })
  }

  private func report() -> TrainingReport {
    TrainingReport(
      title: "Training on demo", dataset: "demo",
      created: Date(timeIntervalSince1970: 1_790_000_000), notes: ["kess train --data demo"],
      runs: [
        TrainingReportRun(
          name: "run-1", model: "dbvad", seed: 0, state: "finished",
          losses: [series("binary", [0.8, 0.4, 0.2]), series("description", [2, 1, 0.5])],
          validation: [series("AUC", [0.5, 0.75], every: 20)],
          learningRate: [
            TrainingPoint(step: 0, value: 1e-4), TrainingPoint(step: 20, value: 5e-5),
          ]),
        TrainingReportRun(
          name: "run-2", model: "dbvad", seed: 1, state: "step 10 of 20",
          losses: [series("binary", [0.6, .nan])]),
      ])
  }

  @Test("each loss term, metric and the learning rate is one chart with all runs overlaid")
  func charts() throws {
    let html = try TrainingReportPage(report: report()).html()
    let names = html.matches(of: /<section class="panel chart"><h3>(.*?)<\/h3>/).map {
      String($0.output.1)
    }
    #expect(names == ["binary", "description", "AUC", "learning rate"])
    // Values 0 to 0.8 on an axis of the same range, steps 0 to 20.
    #expect(html.contains("class=\"series s0\" d=\"M0 0L500 50L1000 75\""))
    // A non-finite value ends the line: one point is left.
    #expect(html.contains("class=\"series s1\" d=\"M0 25h0.01\""))
    #expect(html.contains("<g><title>run-2</title>"))
    #expect(html.matches(of: /<circle class="point series s0"/).count == 2)
    #expect(html.contains("run-1: 0.8 at step 0, 0.2 at step 20."))
  }

  @Test("the table has the last value of every series and names what is missing by an empty cell")
  func table() throws {
    let html = try TrainingReportPage(report: report()).html()
    let rows = html.matches(of: /<tr><th scope="row">.*?<\/tr>/).map { String($0.output) }
    try #require(rows.count == 2)
    func cells(_ row: String) -> [String] {
      row.matches(of: /<td[^>]*>(.*?)<\/td>/).map { String($0.output.1) }
    }
    #expect(
      cells(rows[0]) == ["dbvad", "0", "finished", "20", "0.2", "0.5", "0.75", "5e-5"])
    #expect(cells(rows[1]) == ["dbvad", "1", "step 10 of 20", "10", "NaN", "", "", ""])
    #expect(html.contains("<th scope=\"col\" class=\"n\">learning rate</th>"))
  }

  @Test("the page is complete in itself, without scripts")
  func selfContained() throws {
    let html = try TrainingReportPage(report: report()).html()
    #expect(!html.contains("://") && !html.contains("<script") && !html.contains("url("))
    #expect(html.contains("default-src 'none'") && !html.contains("script-src"))
    #expect(html.contains("<title>Training on demo</title>"))
    #expect(html.contains("demo · 2 runs · 2026-09-21 14:13 UTC"))
  }

  @Test("hostile names are shown as text")
  func hostile() throws {
    let attack = "<script>alert(1)</script>\" onload=\"x\u{202E}' & </style></svg>"
    var report = report()
    report.title = attack
    report.dataset = attack
    report.notes = [attack]
    report.runs[0].name = attack
    report.runs[0].model = attack
    report.runs[0].state = attack
    report.runs[0].losses[0].name = attack
    report.runs[0].validation[0].name = attack
    let html = try TrainingReportPage(report: report).html()
    #expect(!html.contains("<script") && !html.contains("onload=\"x"))
    #expect(!html.contains("\u{202E}") && html.contains("[U+202E]"))
    #expect(html.matches(of: /<\/style>/).count == 1)
    #expect(html.matches(of: /<svg/).count == html.matches(of: /<\/svg>/).count)
  }

  @Test("a long run keeps its extremes and stays small")
  func long() throws {
    var values = (0..<50_000).map { 1 + 0.1 * sin(Double($0)) }
    values[31_234] = 7
    let run = TrainingReportRun(
      name: "r", model: "m", state: "finished", losses: [series("loss", values, every: 1)])
    let html = try TrainingReportPage(
      report: TrainingReport(title: "t", dataset: "d", runs: [run])
    ).html()
    #expect(html.utf8.count < 60_000, "\(html.utf8.count) bytes")
    let line = try #require(html.firstMatch(of: /series s0" d="(M0[^"]*)" vector/)).output.1
    let heights = line.split(separator: "L").compactMap { Double($0.split(separator: " ")[1]) }
    // The axis ends at 8, in steps of 2.
    #expect(heights.min() == 12.5)
  }

  @Test("nine runs have nine styles")
  func manyRuns() throws {
    let runs = (0..<9).map {
      TrainingReportRun(
        name: "run \($0)", model: "m", seed: UInt64($0), state: "finished",
        losses: [series("loss", [1, 0.5])])
    }
    let html = try TrainingReportPage(
      report: TrainingReport(title: "t", dataset: "d", runs: runs)
    ).html()
    let styles = html.matches(of: /<g><title>run \d<\/title><path class="(.*?)"/).map {
      String($0.output.1)
    }
    #expect(Set(styles).count == 9)
  }

  @Test("a report without runs and a run without steps are pages too")
  func empty() throws {
    let none = try TrainingReportPage(
      report: TrainingReport(title: "t", dataset: "d", runs: [])
    ).html()
    #expect(none.contains("The report has no runs."))
    let started = try TrainingReportPage(
      report: TrainingReport(
        title: "t", dataset: "d",
        runs: [TrainingReportRun(name: "r", model: "m", state: "starting", losses: [])])
    ).html()
    #expect(started.contains("starting") && !started.contains("class=\"panel chart\""))
  }

  @Test("repeated runs and steps that do not ascend are refused")
  func refused() {
    var repeated = report()
    repeated.runs[1].name = "run-1"
    #expect { try TrainingReportPage(report: repeated).html() } throws: {
      "\($0)".hasPrefix("run-1: appears twice")
    }
    var backwards = report()
    backwards.runs[0].losses[1].points[2].step = 10
    #expect { try TrainingReportPage(report: backwards).html() } throws: {
      "\($0)".hasPrefix("run-1: step 10 of 'description'")
    }
  }
}

@Suite struct NumberAxisTests {
  @Test(
    "ticks are round and cover the values",
    arguments: [
      (0.0...0.8, [0, 0.2, 0.4, 0.6, 0.8]), (0...7, [0, 2, 4, 6, 8]), (3...3, [3, 4]),
      (-1.5...1, [-2, -1, 0, 1]), (0...5e-5, [0, 2e-5, 4e-5, 6e-5]), (0...0, [0, 5e-13]),
    ])
  func ticks(range: ClosedRange<Double>, expected: [Double]) {
    let ticks = NumberAxis(covering: range).ticks
    #expect(ticks.count == expected.count, "\(ticks)")
    #expect(zip(ticks, expected).allSatisfy { abs($0 - $1) <= 1e-9 * max(1e-12, abs($1)) })
  }

  @Test(
    "compact numbers have four significant digits",
    arguments: [
      (0.0, "0"), (0.12345, "0.1235"), (-2.5, "-2.5"), (1234.56, "1235"), (5e-5, "5e-5"),
      (1.5e9, "1.5e9"), (.nan, "NaN"), (-.infinity, "-∞"), (0.999996, "1"),
    ])
  func compact(value: Double, text: String) {
    #expect(DecimalText.compact(value) == text)
  }
}
