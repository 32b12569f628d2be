import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Records
import Workspaces

struct StatusCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows the state of describing: items, tokens, rate, endpoints, time left.",
    discussion: """
      Reads only the ledger, so that it works from any shell during a run. Rates are those of the \
      last five minutes; the time left is for the videos in work or waiting, at that rate. Failed \
      videos are described again by the next run and are not part of it. Videos count as \
      described if they have an answer to the last run's question; descriptions for earlier \
      questions are counted separately.

      \(CommandExit.help)
      """)

  @OptionGroup var workspace: WorkspaceOptions

  @Option(help: "Only this split.")
  var split: VideoSplit = .all

  @Flag(help: "Repeat until Ctrl-C.")
  var watch = false

  @Option(help: ArgumentHelp("Seconds between two updates.", valueName: "s"))
  var interval: Double = 2

  @Flag(help: "JSON on stdout; with --watch one object per line.")
  var json = false

  func validate() throws {
    guard interval >= 0.1 else {
      throw ValidationError("--interval must be at least 0.1, found \(interval)")
    }
  }

  func execute() async throws {
    let ledger = try workspace.open().openLedger()
    let isTerminal = isatty(STDOUT_FILENO) == 1
    while true {
      let status = try ledger.status(split: split.name)
      if json {
        let line = try JSONRecord.encode(status, pretty: !watch)
        Console.result(watch ? line + Data([0x0A]) : line)
      } else {
        // Clears a terminal before each update.
        let start = watch && isTerminal ? "\u{1B}[H\u{1B}[2J" : ""
        Console.result(start + Self.lines(of: status).joined(separator: "\n"))
      }
      guard watch else { return }
      try await Task.sleep(for: .seconds(interval))
    }
  }

  private static func lines(of status: LedgerStatus) -> [String] {
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    var items = TextTable([
      "videos", "described", "in work", "waiting", "failed", "a minute", "time left",
    ])
    items.add([
      "\(status.videos)", "\(status.described)", "\(status.inWork)", "\(status.waiting)",
      "\(status.failed)", status.rateSeconds > 0 ? number(status.itemsPerMinute) : "-",
      status.secondsLeft.map(DurationText.of(seconds:)) ?? "-",
    ])
    var lines = items.lines
    if status.describedEarlier > 0 {
      lines += [
        "", "\(status.describedEarlier) more have the description of an earlier question",
      ]
    }
    if !status.describers.isEmpty { lines += [""] + describers(status.describers) }
    lines += ["", "tokens: \(status.promptTokens) read, \(status.outputTokens) written"]
    guard !status.endpoints.isEmpty else { return lines }
    var table = TextTable([
      "endpoint", "in flight", "answers", "failed", "a minute", "tokens/s", "latency", "last error",
    ])
    for endpoint in status.endpoints {
      table.add([
        endpoint.endpoint ?? "(in this process)", "\(endpoint.inFlight)",
        "\(endpoint.succeeded)", "\(endpoint.failed)", number(endpoint.answersPerMinute),
        number(endpoint.outputTokensPerSecond),
        endpoint.latencySeconds.map(DurationText.of(seconds:)) ?? "-",
        endpoint.lastError ?? "",
      ])
    }
    lines += [""] + table.lines
    return lines
  }

  private static func describers(_ describers: [LedgerDescriber]) -> [String] {
    var table = TextTable(["describer", "videos", "present", "from"])
    for describer in describers {
      let files = describer.files.sorted { $0.key < $1.key }.map {
        "\($0.key) (SHA-256 \($0.value.prefix(12)))"
      }
      table.add([
        describer.name, "\(describer.videos)", "\(describer.presentVideos)",
        files.joined(separator: ", "),
      ])
    }
    return table.lines
  }
}
