import Descriptions
import Foundation
import HTTP
import TestSupport
import Testing
import Workspaces

/// A run through all kinds of server faults, with 300 items if KESS_SOAK=1.
@Suite("Fault mixture")
struct FaultMixtureTests {
  private static let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] != nil

  /// The true description of a video, identified by its duration, which is its number.
  private static func truth(_ number: Int) -> String {
    "Person \(number) meets \(number * 3) others near gate \(number * 7), then \(number * 11) "
      + "leave by car \(number * 13) for town \(number * 17)."
  }

  private static func truth(for request: FaultInjectingServerRequest) -> String {
    let words = CountingServer.content(of: request).text.split(separator: " ")
    return truth(words.dropFirst(3).first.flatMap { Double($0) }.map { Int($0) } ?? 0)
  }

  @Test(
    "each item ends described exactly once, rightly or with a finding, or failed with its cause",
    arguments: isSoak ? [1, 2, 3] : [1])
  func everyItemEnds(seed: UInt64) async throws {
    let count = Self.isSoak ? 300 : 100
    let mixture = FaultMixture(seed: seed, share: 0.4)
    let counting = CountingServer()
    let servers = try (0..<2).map { _ in
      try FaultInjectingServer(models: []) { request in
        mixture.answer(
          request, text: Self.truth(for: request),
          promptTokens: counting.promptTokens(of: request))
      }
    }
    defer { for server in servers { server.stop() } }
    let describer = try await OpenAIDescriber.connect(
      endpoints: servers.map(\.base),
      options: OpenAIDescriber.Options(
        retry: DescribingFixture.quickRetry(),
        timeouts: HTTPTimeouts(firstByteSeconds: 1, noProgressSeconds: 1),
        pool: DescribingFixture.quickPool(),
        checks: AnswerChecks(refusals: ["I'm sorry"])))
    let videos = try FakeVideos(count)
    let prompt = try DescribingFixture.prompt()
    let ready = try await describer.preflighted(prompt: prompt, frames: 3).describer
    mixture.isOn = true
    let (run, ledger) = try videos.run(ready, jobs: 8)
    let summary = try await run.run(videos.videos)
    #expect(summary.pending == 0 && summary.serverLost == nil && summary.stoppedBecause == nil)
    #expect(summary.done + summary.failed == count)

    let described = Dictionary(
      grouping: try ledger.descriptions(), by: \.videoID)
    let failed = Dictionary(grouping: try ledger.failures(), by: \.videoID)
    let pasted = try ledger.descriptions().count { $0.text == FaultMixture.caption }
    for video in videos.videos {
      let answers = described[video.id] ?? []
      let failures = failed[video.id] ?? []
      #expect(answers.count + failures.count == 1, "\(video.id)")
      for failure in failures {
        #expect(failure.cause != nil && !failure.error.isEmpty)
      }
      for answer in answers {
        let findings = answer.findings ?? []
        let truth = Self.truth(Int(video.id.filter(\.isNumber).prefix(3)) ?? 0)
        if answer.text == FaultMixture.caption {
          #expect(findings.contains(.nearDuplicate) == (pasted > 1))
        } else if answer.text != truth {
          // Only a marked cut may differ from the truth.
          #expect(findings == [.truncated] && truth.hasPrefix(answer.text), "\(answer.text)")
        }
        let attempt = try #require(
          try ledger.attempts(videoID: video.id).last { $0.status == .succeeded })
        if let counted = attempt.promptTokens, counted != attempt.expectedPromptTokens {
          #expect(findings.contains(.imageTokens))
        }
      }
    }
    // Most faults must have occurred, or the mixture proves little.
    #expect(mixture.counts.count >= FaultMixture.Fault.allCases.count * 2 / 3)
    // A second run without faults describes the rest, and asks for nothing else.
    mixture.isOn = false
    let before = servers.reduce(0) { $0 + $1.chats.count }
    let rest = try await videos.run(ready, jobs: 8).run.run(videos.videos)
    let quarantined = try ledger.failures().count { $0.cause == .quarantined }
    #expect(rest.skipped == summary.done && rest.done == summary.failed - quarantined)
    #expect(servers.reduce(0) { $0 + $1.chats.count } == before + rest.done)
  }
}
