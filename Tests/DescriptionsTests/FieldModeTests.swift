import Descriptions
import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing
import Workspaces

/// A run over everything that servers in the field do, mixed at random.
@Suite("Field modes")
struct FieldModeTests {
  /// The true description of a video, identified by its duration, which is its number.
  private static func truth(_ number: Int) -> String {
    "Person \(number) meets \(number * 3) others near gate \(number * 7), then \(number * 11) "
      + "leave by car \(number * 13) for town \(number * 17)."
  }

  private static func number(of request: FaultInjectingServerRequest) -> Int {
    let words = CountingServer.content(of: request).text.split(separator: " ")
    return words.dropFirst(3).first.flatMap { Double($0) }.map { Int($0) } ?? 0
  }

  /// A mode for each video: each one at least twice, in an order by the seed.
  private static func modes(_ count: Int, seed: UInt64) -> [FieldMode] {
    var modes = (0..<count).map { FieldMode.allCases[$0 % FieldMode.allCases.count] }
    var state = seed
    for place in modes.indices.reversed() {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      modes.swapAt(place, Int(state >> 33) % (place + 1))
    }
    return modes
  }

  /// Nothing wrong is stored, each failure has its cause and remedy, and every honest answer is
  /// under its own video.
  @Test("each item of a random mixture ends as its mode demands", arguments: [1, 2] as [UInt64])
  func mixture(seed: UInt64) async throws {
    let count = 120
    let modes = Self.modes(count, seed: seed)
    let counting = CountingServer()
    let isOn = Mutex(false)
    let tries = Mutex<[Int: Int]>([:])
    let server = try FaultInjectingServer { request in
      let number = Self.number(of: request)
      let text = Self.truth(number)
      guard isOn.withLock({ $0 }), modes.indices.contains(number - 100) else {
        return counting.answer(request)
      }
      let before = tries.withLock { tries in
        defer { tries[number, default: 0] += 1 }
        return tries[number] ?? 0
      }
      return modes[number - 100].answer(
        text: text, promptTokens: counting.promptTokens(of: request), try: before)
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(
      server, checks: AnswerChecks(refusals: ["I'm sorry"]))
    let (ready, reports) = try await describer.preflighted(
      prompt: try DescribingFixture.prompt(), frames: 3)
    #expect(reports[0].warnings.isEmpty)
    isOn.withLock { $0 = true }
    let videos = try FakeVideos(count)
    let (run, ledger) = try videos.run(ready, jobs: 8)
    let told = Mutex<[String: String]>([:])
    let warnings = Warnings()
    let summary = try await run.run(
      videos.videos,
      progress: { event in
        if case .failed(let reason, _) = event.outcome {
          told.withLock { $0[event.videoID] = reason }
        }
      }, warn: { warnings.note($0) })
    #expect(summary.stoppedBecause == nil && summary.serverLost == nil && summary.pending == 0)

    let described = Dictionary(
      try ledger.descriptions().map { ($0.videoID, $0) }, uniquingKeysWith: { one, _ in one })
    for (place, video) in videos.videos.enumerated() {
      let mode = modes[place]
      let attempts = try ledger.attempts(videoID: video.id)
      switch mode.outcome {
      case .described(let findings):
        let description = try #require(
          described[video.id], "\(mode): \(told.withLock { $0[video.id] ?? "" })")
        #expect(description.text == Self.truth(100 + place), "\(mode)")
        #expect((description.findings ?? []) == findings, "\(mode)")
        let note = try #require(attempts.last).error
        #expect((note != nil) == !findings.isEmpty, "\(mode)")
      case .failed(let cause, let asked, let says):
        #expect(described[video.id] == nil, "\(mode)")
        #expect(attempts.count == asked && attempts.last?.cause == cause, "\(mode): \(attempts)")
        let reason = told.withLock { $0[video.id] ?? "" }
        for words in says { #expect(reason.contains(words), "\(mode): \(reason)") }
        #expect(!reason.contains("\"message\"") && !reason.contains("<h1>"), "\(mode): \(reason)")
      }
    }
    // Of 38 kinds, at least three videos each: two kinds of them give bad answers often enough.
    #expect(warnings.all.contains { $0.contains("onlyThoughts") })
    #expect(warnings.all.contains { $0.contains("noWords") })
  }
}
