import Descriptions
import Foundation
import HTTP
import Records
import TestSupport
import Testing

@Suite("Extra body")
struct ExtraBodyTests {
  private static let thinkingOff =
    #"{"chat_template_kwargs": {"enable_thinking": false}, "mm_processor_kwargs": {"min_pixels": 3136}}"#

  @Test("it is read from a file or as it stands, and equal fields are equal")
  func read() throws {
    let folder = try TemporaryFolder()
    let file = try TemporaryFolder.write(Self.thinkingOff, named: "extra.json", in: folder)
    let extra = try #require(try ExtraBody.read(file.path))
    let same = try ExtraBody.read(
      #"  {"mm_processor_kwargs":{"min_pixels":3136},"chat_template_kwargs":{"enable_thinking":false}}"#
    )
    #expect(extra == same)
    #expect(
      extra.json
        == #"{"chat_template_kwargs":{"enable_thinking":false},"mm_processor_kwargs":{"min_pixels":3136}}"#
    )
    #expect(try ExtraBody.read("{}") == nil && ExtraBody.read(" { } ") == nil)
    let back = try JSONDecoder().decode(ExtraBody.self, from: JSONRecord.encode(extra))
    #expect(back == extra)
  }

  @Test(
    "what is no object, or sets a field of the request itself, is refused with its option",
    arguments: [
      ("{\"model\":\"x\"}", "--model"), ("{\"messages\":[]}", "--prompt"),
      ("{\"stream\":false}", "--no-stream"), ("{\"stream_options\":{}}", "--no-stream"),
      ("{\"n\":2}", "one answer"), ("{\"temperature\":1}", "--temperature"),
      ("{\"top_p\":1}", "--top-p"), ("{\"top_k\":1}", "--top-k"), ("{\"seed\":1}", "--seed"),
      ("{\"repetition_penalty\":1}", "--repetition-penalty"),
      ("{\"max_tokens\":1}", "--max-tokens"), ("{\"max_completion_tokens\":1}", "--max-tokens"),
      ("{\"response_format\":{}}", "schema"), ("{\"extra_body\":{}}", "top level"),
      ("{\"a\":1,\"a\":2}", "twice"), ("{\"a\":1", "expected a JSON object"),
      ("{a:1}", "expected a JSON object"), ("{} {}", "expected a JSON object"),
    ])
  func refused(text: String, says: String) throws {
    let error = try #require(throws: DescriptionError.self) { try ExtraBody.read(text) }
    #expect(error.description.contains(says), "\(error)")
    #expect(error.failureKind == .usage)
  }

  @Test("a file with another value, or none, is refused")
  func files() throws {
    let folder = try TemporaryFolder()
    for text in ["[1]", "3", "\"a\"", "null", ""] {
      let file = try TemporaryFolder.write(text, named: "extra.json", in: folder)
      let error = try #require(throws: DescriptionError.self) { try ExtraBody.read(file.path) }
      #expect(error.description.contains(file.path) && error.description.contains("JSON object"))
    }
    #expect(throws: RecordError.self) { try ExtraBody.read(folder.file("none").path) }
  }

  @Test("its fields are in every request, the preflight's too, and the ledger records them")
  func sent() async throws {
    let counting = CountingServer(hasTokenizer: true)
    let server = try FaultInjectingServer { counting.answer($0) }
    defer { server.stop() }
    let extra = try ExtraBody.read(Self.thinkingOff)
    let describer = try await DescribingFixture.connect(
      server, sampling: SamplingParameters(extraBody: extra))
    let ready = try await describer.preflighted(
      prompt: try DescribingFixture.prompt(), frames: 3
    ).describer
    let videos = try FakeVideos(1)
    let (run, ledger) = try videos.run(ready)
    #expect(try await run.run(videos.videos).done == 1)
    for request in server.requests where request.method == "POST" {
      let kwargs = request.json?["chat_template_kwargs"] as? [String: Any]
      #expect(kwargs?["enable_thinking"] as? Bool == false, "\(request.path)")
    }
    let key = try #require(try ledger.video(videos.videos[0].id)?.descriptionKey)
    let sampling = try #require(try ledger.request(key)?.sampling)
    #expect(sampling.contains(#""extraBody":{"chat_template_kwargs":{"enable_thinking":false}"#))
  }

  @Test("other fields make another question, in whatever order they stand")
  func keys() async throws {
    let server = try FaultInjectingServer { .chat("Number \($0.index) is unlike any other.") }
    defer { server.stop() }
    let videos = try FakeVideos(1)
    func describe(_ extra: String?) async throws -> DescribeSummary {
      let describer = try await DescribingFixture.connect(
        server,
        sampling: SamplingParameters(extraBody: try extra.flatMap { try ExtraBody.read($0) }))
      return try await videos.run(describer).run.run(videos.videos)
    }
    #expect(try await describe(nil).done == 1)
    #expect(try await describe("{\"a\":1,\"b\":2}").done == 1)
    #expect(try await describe("{\"b\":2,\"a\":1}").skipped == 1)
    #expect(try await describe("{\"a\":1,\"b\":3}").done == 1)
    #expect(try await describe("{}").skipped == 1)
    #expect(server.chats.count == 3)
  }
}
