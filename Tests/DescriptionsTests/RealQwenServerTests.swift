import Descriptions
import Foundation
import TestSupport
import Testing
import Video
import Workspaces

/// Against a real Qwen2.5-VL server with random weights (`Tests/Servers/serve.sh`):
/// `KESS_QWEN_SERVER` holds its base URL, or several with commas between them. The
/// words are noise; the protocol, the processor and the image path are real.
@Suite("Real Qwen server", .enabled(if: !realServers.isEmpty), .serialized)
struct RealQwenServerTests {
  /// Answers of a model that writes noise count as words.
  static let noise = OpenAIDescriber.Options(checks: AnswerChecks(needsWords: false))

  /// A prompt whose text does not depend on the frames.
  static let bare = """
    ---
    name: bare
    version: 1
    ---
    {{#frames}}{{image}}{{/frames}}What happens?
    """

  @Test("frames become words, the same words each time", arguments: realServers)
  func describes(endpoint: String) async throws {
    let describer = try await OpenAIDescriber.connect(endpoint: endpoint, options: Self.noise)
    let first = try await describer.describe(try DescribingFixture.request())
    let second = try await describer.describe(try DescribingFixture.request())
    let other = try await describer.describe(try DescribingFixture.request(seed: 5))
    #expect(!first.text.isEmpty && first.text == second.text)
    #expect(first.text != other.text)
    #expect((1...160).contains(try #require(first.completionTokens)))
  }

  @Test("each image costs exactly the predicted tokens, whatever its size", arguments: realServers)
  func tokens(endpoint: String) async throws {
    let describer = try await OpenAIDescriber.connect(
      endpoint: endpoint,
      options: OpenAIDescriber.Options(
        sampling: SamplingParameters(maximumTokens: 1), checks: AnswerChecks(needsWords: false)))
    let prompt = try DescribingFixture.prompt(Self.bare)
    var known: (billed: Int, predicted: Int)?
    for sizes in [
      [(320, 240)], [(320, 240), (320, 240)], [(320, 240), (64, 48), (640, 360)], [(1920, 1080)],
      [(33, 900)],
    ] {
      var request = try DescribingFixture.request(count: sizes.count)
      request.prompt = prompt
      var predicted = 0
      for (index, (width, height)) in sizes.enumerated() {
        request.frames[index] = try #require(
          try describer.sentFrame(
            of: VideoFrame(
              frameIndex: index, timestampSeconds: request.frames[index].timestampSeconds,
              image: DescribingFixture.image(index, width: width, height: height))))
        predicted += request.frames[index].cost.tokens
      }
      let billed = try #require(try await describer.describe(request).promptTokens)
      // The text around the images costs the same each time.
      if let known { #expect(billed - known.billed == predicted - known.predicted) }
      known = (billed, predicted)
    }
  }

  @Test("the prompt tokens of every request are known exactly", arguments: realServers)
  func expected(endpoint: String) async throws {
    let (ready, reports) = try await OpenAIDescriber.connect(
      endpoint: endpoint, options: Self.noise
    )
    .preflighted(prompt: try DescribingFixture.prompt(), frames: 3)
    #expect(reports.map(\.family) == ["qwen2.5-vl"])
    #expect(reports.allSatisfy { $0.warnings.isEmpty })
    let videos = try FakeVideos(5)
    let (run, ledger) = try videos.run(ready, jobs: 2)
    _ = try await run.run(videos.videos)
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
      .filter { $0.promptTokens != nil }
    #expect(attempts.count >= 5)
    #expect(attempts.allSatisfy { $0.promptTokens == $0.expectedPromptTokens })
  }

  @Test("a run describes each video once, and resumes without asking again", arguments: realServers)
  func resumes(endpoint: String) async throws {
    let videos = try FakeVideos(6)
    let describer = try await OpenAIDescriber.connect(endpoint: endpoint, options: Self.noise)
    let control = StopControl()
    let (run, ledger) = try videos.run(describer, jobs: 2)
    let first = try await run.run(videos.videos, control: control) { progress in
      if progress.finished == 2 { control.interrupt() }
    }
    // Noise may consist of special tokens alone, which is no answer.
    #expect(first.wasInterrupted && first.done + first.failed >= 2)
    let second = try await videos.run(describer).run.run(videos.videos)
    #expect(second.skipped == first.done)
    #expect(second.done + second.failed == 6 - first.done)
    let described = first.done + second.done
    #expect(try described >= 3 && ledger.descriptions().count == described)
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
    #expect(attempts.filter { $0.status == .succeeded }.count == described)
    // A server refuses fields only once, not once per video.
    #expect(attempts.filter { $0.httpStatus == 422 }.count <= 2)
    #expect(
      attempts.allSatisfy {
        $0.status == .succeeded || $0.httpStatus == 422 || $0.cause == .badAnswer
      })
  }

  @Test("the error for a model that is not served lists the served ones", arguments: realServers)
  func unknownModel(endpoint: String) async throws {
    let error = try await #require(throws: DescriptionError.self) {
      try await OpenAIDescriber.connect(endpoint: endpoint, model: "nobody/nothing")
    }
    #expect(error.description.contains("tiny-qwen2.5-vl"))
  }

  @Test("an abort in mid-answer leaves the server able to answer", arguments: realServers)
  func abort(endpoint: String) async throws {
    let describer = try await OpenAIDescriber.connect(endpoint: endpoint, options: Self.noise)
    let request = try DescribingFixture.request(seed: 7)
    let task = Task { try await describer.describe(request) }
    try await Task.sleep(for: .milliseconds(30))
    task.cancel()
    _ = await task.result
    #expect(try await !describer.describe(request).text.isEmpty)
  }
}

private let realServers: [String] =
  (ProcessInfo.processInfo.environment["KESS_QWEN_SERVER"] ?? "")
  .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  .filter { !$0.isEmpty }
