import Descriptions
import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing
import Video

/// Servers whose own limits change the pictures that a run sends.
@Suite("Resized pictures")
struct ResizedPicturesTests {
  private func warnings(
    _ counting: CountingServer, frames: Int = 8, sizes: [PictureSize] = []
  ) async throws -> (warnings: [String], asked: Int) {
    let server = try FaultInjectingServer { counting.answer($0) }
    defer { server.stop() }
    let reports = try await DescribingFixture.connect(server).preflighted(
      prompt: try DescribingFixture.prompt(), frames: frames, sizes: sizes
    ).reports
    return (reports[0].warnings, server.chats.count)
  }

  @Test(
    "a server that enlarges small pictures is found, whatever its minimum is",
    arguments: [120, 256, 300, 512, 700], [1, 2, 8])
  func enlarged(tokens: Int, frames: Int) async throws {
    let (warnings, _) = try await warnings(
      CountingServer(minimumPixels: tokens * 784), frames: frames)
    #expect(warnings.count == 1, "\(warnings)")
    let warning = try #require(warnings.first)
    #expect(warning.contains("times") && warning.contains("min_pixels"))
    if tokens == 256 {
      #expect(
        warning.contains("a picture of 308x252 costs 272 tokens, predicted 101 (2.7 times)"))
    }
  }

  @Test(
    "a server that reduces the run's largest pictures is found, whatever its maximum is",
    arguments: [100, 256, 300, 512, 600, 1200])
  func reduced(tokens: Int) async throws {
    let (warnings, _) = try await warnings(
      CountingServer(maximumPixels: tokens * 784),
      sizes: [
        PictureSize(width: 320, height: 240), PictureSize(width: 1920, height: 1080),
        PictureSize(width: 640, height: 480),
      ])
    #expect(warnings.count == 1, "\(warnings)")
    let warning = try #require(warnings.first)
    #expect(warning.contains("(0.") && warning.contains("max_pixels"))
  }

  @Test("a server by the rule costs one request more, for any number of frames and sizes")
  func honest() async throws {
    let sizes = [PictureSize(width: 176, height: 144), PictureSize(width: 1280, height: 720)]
    for (frames, asked) in [(8, 6), (2, 7), (1, 7)] {
      let found = try await warnings(CountingServer(), frames: frames, sizes: sizes)
      #expect(found.warnings.isEmpty && found.asked == asked, "\(frames)")
    }
  }

  @Test("a server that accepts one picture and not more is told so, with what helps")
  func refused() async throws {
    for (status, words, helps) in [
      (500, "failed to process image", "-c and -b"),
      (400, "Image count 8 exceeds limit 4 per request.", "--limit-mm-data-per-request"),
      (400, "the request exceeds the available context size", "divided by -np"),
      (404, "Not Found", "a proxy may cut large bodies"),
    ] {
      let counting = CountingServer()
      let server = try FaultInjectingServer { request in
        CountingServer.content(of: request).images.count > 1
          ? .error(status, words) : counting.answer(request)
      }
      defer { server.stop() }
      let describer = try await DescribingFixture.connect(server)
      let error = try await #require(throws: DescriptionError.self) {
        try await describer.preflighted(prompt: try DescribingFixture.prompt(), frames: 8)
      }
      #expect(error.description.contains("takes 1 picture, not 8 (HTTP \(status))"), "\(error)")
      #expect(error.description.contains(helps), "\(error)")
    }
  }

  @Test("a proxy that refuses the larger of two single pictures is told as one")
  func proxy() async throws {
    let counting = CountingServer()
    let sizes = Mutex<[Int]>([])
    let server = try FaultInjectingServer { request in
      let known = sizes.withLock { sizes in
        sizes.append(request.body.count)
        return sizes[0]
      }
      return request.body.count > known ? .error(404, "Cannot POST") : counting.answer(request)
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.preflighted(prompt: try DescribingFixture.prompt(), frames: 8)
    }
    #expect(error.description.contains("so a proxy may cut large bodies; lower --frames"))
  }

  @Test("a server without eyes is an error of use")
  func noVision() async throws {
    let server = try FaultInjectingServer { request in
      CountingServer.content(of: request).images.isEmpty
        ? .chat("A") : .error(500, "image input is not supported by this server")
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.preflighted(prompt: try DescribingFixture.prompt(), frames: 8)
    }
    #expect(error.failureKind == .usage && error.description.contains("--mmproj"))
    #expect(server.chats.count == 1)
  }

  @Test("if the first answers all have other tokens, the run warns once, with the factor")
  func duringRun() async throws {
    let minimum = Mutex<Int?>(nil)
    let server = try FaultInjectingServer { request in
      CountingServer(minimumPixels: minimum.withLock { $0 }).answer(request)
    }
    defer { server.stop() }
    let (ready, _) = try await DescribingFixture.connect(server)
      .preflighted(prompt: try DescribingFixture.prompt(), frames: 3)
    minimum.withLock { $0 = 256 * 784 }
    for (count, expected) in [(8, 5), (2, 2)] {
      let videos = try FakeVideos(count)
      let warnings = Warnings()
      let (run, _) = try videos.run(ready, jobs: 1)
      let summary = try await run.run(videos.videos, warn: { warnings.note($0) })
      #expect(summary.findings["imageTokens"] == count)
      #expect(warnings.all.count == 1, "\(warnings.all)")
      let warning = try #require(warnings.all.first)
      #expect(
        warning.contains("the first \(expected) answers all have the finding imageTokens"))
      #expect(warning.contains("258 tokens per picture, predicted 6 (43.0 times)"))
    }
  }
}
