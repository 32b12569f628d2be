import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Ledger status")
struct LedgerStatusTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  // Long after what the fixture stores, which is stored at the true time.
  let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + 10_000)

  init() throws {
    fixture = try LedgerFixture()
    try fixture.ledger.register(
      ["a", "b", "c", "d", "e"].map { LedgerFixture.video($0) }
        + [LedgerFixture.video("t", split: "test")])
  }

  /// A try that began some seconds ago.
  private func attempt(
    _ video: String, ago: Double, _ status: LedgerAttempt.Status, tokens: Int? = nil,
    endpoint: String? = "http://e", error: String? = nil
  ) throws {
    var attempt = LedgerAttempt(
      videoID: video, requestKey: nil, stage: .describe, endpoint: endpoint,
      started: now.addingTimeInterval(-ago))
    guard status != .failed else {
      return try ledger.noteFailure(attempt, reason: error ?? "")
    }
    attempt.status = status
    if status != .started { attempt.latencySeconds = 4 }
    attempt.promptTokens = tokens.map { $0 * 10 }
    attempt.completionTokens = tokens
    _ = try ledger.begin(attempt)
  }

  @Test("items add up, and the time left follows from the last minutes' rate")
  func items() throws {
    try fixture.answer("a", request: "r", intent: "i", text: "Smoke.")
    // Two successes in 100 seconds up to now, one long ago.
    try attempt("b", ago: 4_000, .succeeded, tokens: 7)
    try attempt("b", ago: 100, .succeeded, tokens: 20)
    try attempt("b", ago: 50, .succeeded, tokens: 30)
    try attempt("c", ago: 60, .failed, error: "HTTP 400")
    #expect(
      try ledger.claim(
        videoID: "d", intentKey: "i", for: LeaseHolder(), seconds: 60, now: now) == .claimed)
    try attempt("d", ago: 3, .started)
    let status = try ledger.status(now: now)
    #expect((status.videos, status.described, status.failed) == (6, 1, 1))
    // b has no answer that was kept, e and t were not begun.
    #expect((status.inWork, status.waiting) == (1, 3))
    #expect(status.rateSeconds == 100)
    #expect(abs(status.itemsPerMinute - 1.2) < 1e-9)
    #expect(abs(try #require(status.secondsLeft) - 200) < 1e-6)
    #expect((status.promptTokens, status.outputTokens) == (570, 57))
    #expect(try ledger.status(split: "test", now: now).videos == 1)
  }

  @Test("each endpoint has its own row: in flight, rate, latency, last error")
  func endpoints() throws {
    try attempt("a", ago: 100, .succeeded, tokens: 50)
    try attempt("b", ago: 20, .failed, endpoint: "http://f", error: "HTTP 503")
    // One whose process died and one that lives.
    try attempt("c", ago: 10, .started)
    #expect(
      try ledger.claim(
        videoID: "d", intentKey: "i", for: LeaseHolder(), seconds: 60, now: now) == .claimed)
    try attempt("d", ago: 10, .started)
    let endpoints = try ledger.status(now: now).endpoints.filter { $0.endpoint != nil }
    #expect(endpoints.map(\.endpoint) == ["http://e", "http://f"])
    #expect(endpoints.map(\.inFlight) == [1, 0])
    #expect(endpoints.map(\.succeeded) == [1, 0] && endpoints.map(\.failed) == [0, 1])
    #expect(endpoints[0].latencySeconds == 4 && endpoints[1].latencySeconds == nil)
    #expect(abs(endpoints[0].outputTokensPerSecond - 0.5) < 1e-9)
    #expect(endpoints.map(\.lastError) == [nil, "HTTP 503"])
  }

  @Test("an empty ledger has no rate and nothing left")
  func empty() throws {
    let status = try LedgerFixture().ledger.status(now: now)
    #expect(status.videos == 0 && status.secondsLeft == nil && status.endpoints.isEmpty)
  }

  /// A try that failed and was asked again, or left.
  private func failedTry(_ video: String, intent: String, error: String) throws {
    var attempt = try ledger.begin(
      LedgerAttempt(videoID: video, requestKey: nil, stage: .describe, intentKey: intent))
    attempt.status = .failed
    attempt.error = error
    try ledger.end(attempt)
  }

  @Test("a video has failed when its item has come to its end, not by a try that is asked again")
  func endedItems() throws {
    try ledger.register(
      ["a", "b"].map {
        LedgerVideo(
          id: $0, path: "/videos/\($0).mp4",
          fingerprint: VideoFingerprint(sizeBytes: 10, modifiedSeconds: 5, hash: "h"),
          split: "train", intentKey: "now")
      })
    let holder = LeaseHolder()
    for video in ["a", "b"] {
      #expect(
        try ledger.claim(videoID: video, intentKey: "now", for: holder, seconds: 60) == .claimed)
      try failedTry(video, intent: "now", error: "no connection")
      try failedTry(video, intent: "now", error: "HTTP 500")
      try ledger.release(
        videoID: video, intentKey: "now", by: holder, hasFailed: video == "a")
    }
    let failure = try #require(try ledger.failures().first)
    #expect(try ledger.failures().count == 1 && ledger.status().failed == 1)
    #expect((failure.videoID, failure.error, failure.tries) == ("a", "HTTP 500", 2))
    // A retry that is left changes nothing; an answer does.
    #expect(
      try ledger.claim(videoID: "a", intentKey: "now", for: LeaseHolder(), seconds: 60)
        == .claimed)
    #expect(try ledger.status().failed == 0 && ledger.status().inWork == 1)
    try failedTry("a", intent: "now", error: "no connection")
    #expect(try ledger.failures().map(\.error) == ["HTTP 500"])
    try fixture.answer("a", request: "r", intent: "now", text: "Smoke.")
    #expect(try ledger.failures().isEmpty && ledger.status().described == 1)
  }

  @Test("what failed at an earlier question has not failed at another one")
  func otherQuestion() throws {
    func register(_ intent: String?) throws {
      try ledger.register([
        LedgerVideo(
          id: "a", path: "/videos/a.mp4",
          fingerprint: VideoFingerprint(sizeBytes: 10, modifiedSeconds: 5, hash: "h"),
          split: "train", intentKey: intent)
      ])
    }
    try register("one")
    try fixture.answer("a", request: "r", intent: "one", text: "Smoke.")
    try register("two")
    var status = try ledger.status()
    #expect((status.described, status.describedEarlier, status.waiting) == (0, 1, 6))
    try ledger.noteFailure(
      LedgerAttempt(videoID: "a", requestKey: nil, stage: .describe, intentKey: "two"),
      reason: "HTTP 400")
    #expect(try ledger.failures().map(\.videoID) == ["a"])
    // Registered without a question, it keeps the one it has.
    try register(nil)
    #expect(try ledger.failures().map(\.videoID) == ["a"])
    try register("three")
    #expect(try ledger.failures().isEmpty)
    try register("one")
    status = try ledger.status()
    #expect((status.described, status.describedEarlier, status.failed) == (1, 0, 0))
    #expect(try ledger.failures().isEmpty)
    // A file that is another one was never asked about.
    try ledger.register([LedgerFixture.video("a", hash: "other")])
    #expect(try ledger.video("a")?.intentKey == nil)
  }
}
