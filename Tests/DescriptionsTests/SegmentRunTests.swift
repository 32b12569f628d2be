import Datasets
import Descriptions
import Foundation
import Synchronization
import TestSupport
import Testing
import Workspaces

/// Pieces of a video whose file is missing, or is cut in another way, between two runs.
@Suite("Segment run")
struct SegmentRunTests {
  private let videos: FakeVideos
  private var video: DatasetVideo { videos.videos[0] }

  init() throws { videos = try FakeVideos(1) }

  /// Registers the video's one-minute pieces, like a run that has read its header.
  private func registerPieces(in ledger: Ledger) throws {
    let fingerprint = try VideoFingerprint.measure(path: video.path)
    try ledger.register(
      VideoSegment.pieces(of: video.id, durationSeconds: 180, segmentSeconds: 60).map {
        LedgerVideo(
          id: $0.id, path: video.path, fingerprint: fingerprint, split: "train", segment: $0,
          headerSeconds: 180)
      })
  }

  /// Refuses all chats but the first ones.
  private final class LimitedServer: Sendable {
    private let limit = Mutex(1)
    func answersAll() { limit.withLock { $0 = .max } }
    func answer(_ request: FaultInjectingServerRequest) -> FaultInjectingServerAnswer {
      limit.withLock { request.index < $0 }
        ? .chat("The answer is \(request.index).") : .error(400, "bad media")
    }
  }

  @Test("pieces survive a run that could not read the file, and are retried as they were cut")
  func unreadableForNow() async throws {
    let limited = LimitedServer()
    let server = try FaultInjectingServer { limited.answer($0) }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let (run, ledger) = try videos.run(describer, jobs: 1, segmentSeconds: 60)
    try registerPieces(in: ledger)
    let first = try await run.run([video])
    #expect((first.done, first.failed) == (1, 2))
    let failed = try ledger.failures().map(\.videoID)
    #expect(failed == ["\(video.id)@60-120", "\(video.id)@120-180"])
    let content = try Data(contentsOf: URL(fileURLWithPath: video.path))
    try Data("trunc".utf8).write(to: URL(fileURLWithPath: video.path))
    #expect(try await run.run([video]).failed == 1)
    #expect(try ledger.failures().map(\.videoID) == failed)
    #expect(try ledger.status().videos == 3)
    try content.write(to: URL(fileURLWithPath: video.path))
    limited.answersAll()
    let retry = try videos.run(describer, jobs: 1, onlyFailed: true).run
    let second = try await retry.run([video])
    #expect((second.done, second.failed) == (2, 0))
    #expect(try ledger.failures().isEmpty && ledger.descriptions().count == 3)
    // Each was asked about as the same piece: a run with that length asks nothing more.
    #expect(try await run.run([video]).skipped == 3)
  }

  @Test("a whole video that failed is retried as a whole, though some of its pieces are described")
  func wholeAfterPieces() async throws {
    let limited = LimitedServer()
    let server = try FaultInjectingServer { limited.answer($0) }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let (pieces, ledger) = try videos.run(describer, jobs: 1, segmentSeconds: 60)
    try registerPieces(in: ledger)
    #expect(try await pieces.run([video]).done == 1)
    #expect(try await videos.run(describer).run.run([video]).failed == 1)
    #expect(try ledger.failures().map(\.videoID) == [video.id])
    limited.answersAll()
    let retry = try videos.run(describer, jobs: 1, onlyFailed: true).run
    #expect(try await retry.run([video]).done == 1)
    #expect(
      try ledger.descriptions().map(\.videoID).sorted() == [video.id, "\(video.id)@0-60"])
    #expect(try ledger.failures().isEmpty)
  }
}
