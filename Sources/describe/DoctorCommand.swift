import ArgumentParser
import CommandSupport
import DatasetChecks
import Datasets
import Foundation
import Records

struct DoctorCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Checks a data set's files against its lists, its annotation and the published counts.",
    discussion: """
      Finds missing, corrupt, extra, misnamed and repeated videos, events that end after the last \
      frame or the last whole snippet, differing frame counts, and counts that differ from the \
      published ones. Every video is opened and its first frame decoded; --count also reads every \
      packet. Known defects of the published files are marked and do not cause exit code 2.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions

  @Flag(help: "Count frames by the packets instead of the headers: reads whole files.")
  var count = false

  @Option(help: ArgumentHelp("The most findings per kind in the table.", valueName: "n"))
  var show: Int = 10

  @OptionGroup var jobs: JobOptions

  @Flag(help: "JSON on stdout, with every finding.")
  var json = false

  func validate() throws {
    guard show >= 0 else { throw ValidationError("--show must not be negative, found \(show)") }
  }

  func execute() async throws {
    guard let dataset = try dataset.open() else {
      throw CommandError.nothingToDo(command: "describe doctor", expected: "a --dataset")
    }
    let progress = ProgressLine("doctor", total: dataset.videos.count, itemName: "videos")
    let report = DatasetDoctor(dataset, countsFrames: count, jobs: jobs.jobs)
      .examine { progress.advance() }
    progress.finish()
    if json {
      Console.result(try JSONRecord.encode(report))
    } else {
      showTables(report)
    }
    guard report.isClean else { throw CommandExit.someItemsFailed }
  }

  private func showTables(_ report: DatasetReport) {
    func pair(_ found: Int, _ expected: Int?) -> String {
      expected.map { "\(found) of \($0)" } ?? "\(found)"
    }
    var splits = TextTable([
      "split", "normal", "anomalous", "unlabelled", "frames", "in snippets", "in events",
    ])
    for split in report.splits {
      splits.add([
        split.name, pair(split.normal, split.expected?.normal),
        pair(split.anomalous, split.expected?.anomalous), "\(split.unlabelled)",
        "\(split.frames)", pair(split.snippetFrames, split.expected?.snippetFrames),
        "\(split.positiveFrames)",
      ])
    }
    for line in splits.lines { Console.result(line) }
    Console.result(
      "\(report.annotatedVideos) videos with \(report.events) events, \(report.extraVideos) extra videos"
    )
    guard !report.findings.isEmpty else {
      Console.result("nothing found")
      return
    }
    Console.result()
    var table = TextTable(["finding", "subject", "expected", "found"])
    for kind in DatasetFinding.Kind.allCases {
      let findings = report.findings.filter { $0.kind == kind }
      for finding in findings.prefix(show) {
        table.add([
          kind.rawValue, finding.subject, finding.expected,
          finding.found + (finding.known.map { " (known: \($0))" } ?? ""),
        ])
      }
      if findings.count > show {
        table.add([kind.rawValue, "and \(findings.count - show) more", "", ""])
      }
    }
    for line in table.lines { Console.result(line) }
  }
}
