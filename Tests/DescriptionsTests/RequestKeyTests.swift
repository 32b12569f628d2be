import Descriptions
import TestSupport
import Testing

/// The keys of questions, which ledgers store.
@Suite("Request keys")
struct RequestKeyTests {
  @Test("keys are stable: answers in existing ledgers are found")
  func stable() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let videos = try FakeVideos(1)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    #expect(try await run.run(videos.videos).done == 1)
    let video = try #require(try ledger.video(videos.videos[0].id))
    #expect(video.intentKey == "ae6806ab067786a4063c5858506bc3cce2cad3d381d76df80e35b8d4210cdf06")
    #expect(
      video.descriptionKey == "521f1bcae222590285b04dafa527e9cc5eb3934759fe7c9f9d97b030010dbe4a")
  }
}
