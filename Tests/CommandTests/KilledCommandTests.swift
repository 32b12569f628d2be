import Foundation
import Records
import Synchronization
import TestSupport
import Testing
import Workspaces

/// `kill -9` at random moments of runs and exports: 6 in `make test`, 200 in
/// `make soak`.
@Suite(.blocking) struct KilledCommandTests {
  private static let kills = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1" ? 200 : 6

  /// Answers name their question, so that a stored text tells what it answers.
  private static func answer(to request: FaultInjectingServerRequest) -> String {
    "A person walks past sign \(ContentHash.of(request.body).prefix(20))."
  }

  @Test func nothingThatWasStoredIsLostOrAskedAgain() throws {
    let bench = try DescribeBench(videos: 10)
    let server = try FaultInjectingServer { request in
      usleep(3_000)
      return .chat(Self.answer(to: request))
    }
    defer { server.stop() }
    var generator = SeededGenerator(seed: 20_261_121)
    // Texts by video, as the ledger had them after the last kill.
    var stored: [String: String] = [:]
    // Other sampling asks everything anew, so that there is always work to break off.
    var tokens = 100
    var askedNow: Set<String> = []
    var killedAtWork = 0
    for _ in 0..<Self.kills {
      let before = server.chats.count
      let isExport = !stored.isEmpty && generator.next() % 4 == 0
      let microseconds = UInt32(generator.next() % (isExport ? 60_000 : 250_000))
      let answers = Int(generator.next() % 6)
      let isKilledByCount = generator.next() % 2 == 0
      let run: CommandRun
      if isExport {
        let format = ["jsonl", "csv", "hf"][Int(generator.next() % 3)]
        run = try CommandRun.run("describe", ["export", "--format", format], in: bench.folder.url) {
          usleep(microseconds)
          kill($0.processIdentifier, SIGKILL)
        }
      } else {
        run = try bench.describe(server, ["--jobs", "3", "--max-tokens", "\(tokens)"]) { process in
          // By the clock, or soon after some answer.
          if isKilledByCount {
            while server.chats.count < before + answers, process.isRunning { usleep(500) }
            usleep(microseconds / 20)
          } else {
            usleep(microseconds)
          }
          kill(process.processIdentifier, SIGKILL)
        }
      }
      #expect([0, SIGKILL].contains(run.exitCode), "\(run.standardError)")
      let asked = server.chats.dropFirst(before).map(Self.answer)
      let again = Set(stored.values).intersection(asked)
      #expect(again.isEmpty, "asked again although stored: \(again)")
      askedNow.formUnion(asked)
      if run.exitCode == SIGKILL, !asked.isEmpty { killedAtWork += 1 }

      let space = bench.folder.file("workspaces/videos")
      guard
        FileManager.default.fileExists(atPath: space.appendingPathComponent("ledger.sqlite").path)
      else { continue }
      let verified = try bench.command("verify")
      #expect(verified.exitCode == 0, "\(verified.standardOutput)\(verified.standardError)")
      let ledger = try Ledger(at: space.appendingPathComponent("ledger.sqlite"))
      let now = try ledger.descriptions().reduce(into: [:]) { $0[$1.videoID] = $1.text }
      try ledger.close()
      for (video, text) in stored where now[video] != text {
        // Only an answer to the present questions takes another one's place.
        let isRenewed = !askedNow.contains(text) && askedNow.contains(now[video] ?? "")
        #expect(isRenewed, "\(video): '\(text)' was stored, now \(now[video] ?? "nothing")")
      }
      stored = now
      if stored.count == 10, stored.values.allSatisfy(askedNow.contains) {
        tokens += 1
        askedNow = []
      }
    }
    let last = try bench.describe(server, ["--max-tokens", "\(tokens)"])
    #expect(last.exitCode == 0, "\(last.standardError)")
    #expect(try bench.command("verify").standardError.contains("behind") == false)
    #expect(try bench.exportedTexts().count == 10)
    print("\(Self.kills) kills, \(killedAtWork) of them between the first question and the end")
  }
}
