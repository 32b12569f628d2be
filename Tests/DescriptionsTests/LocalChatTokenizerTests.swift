import Descriptions
import Encoders
import Foundation
import Records
import TestSupport
import Testing

/// Whole chats counted against transformers' `apply_chat_template`: see make_qwen.py.
@Suite("Local chat tokenizer")
struct LocalChatTokenizerTests {
  private struct Record: Decodable {
    struct Chat: Decodable {
      /// The texts, with an image between each two.
      var texts: [String]
      var tokens: Int
    }
    var chats: [Chat]
  }

  private static let golden = "../EncodersTests/Golden"

  private func tokenizer() throws -> LocalChatTokenizer {
    try LocalChatTokenizer(directory: Golden.url("qwen", in: Self.golden))
  }

  @Test("a chat's text tokens are those of the whole chat minus those of its images")
  func chats() throws {
    let record = try JSONRecord.read(
      Record.self, from: Golden.url("qwen-tokens.json", in: Self.golden))
    let tokenizer = try tokenizer()
    #expect(record.chats.count == 4)
    for chat in record.chats {
      var parts: [PromptTemplate.Part] = []
      for (place, text) in chat.texts.enumerated() {
        if place > 0 { parts.append(.frame(place - 1)) }
        if !text.isEmpty { parts.append(.text(text)) }
      }
      let images = chat.texts.count - 1
      #expect(tokenizer.textTokens(of: parts) == chat.tokens - 3 * images, "\(chat.texts)")
    }
  }

  @Test("a template without a system message of its own costs that much less")
  func withoutSystem() throws {
    let folder = try TemporaryFolder()
    let golden = Golden.url("qwen", in: Self.golden)
    try FileManager.default.copyItem(
      at: golden.appendingPathComponent("tokenizer.json"), to: folder.file("tokenizer.json"))
    let parts: [PromptTemplate.Part] = [.text("What happens?")]
    func count(_ template: String) throws -> Int {
      let json = try JSONEncoder().encode(["chat_template": template])
      try json.write(to: folder.file("tokenizer_config.json"))
      return try LocalChatTokenizer(directory: folder.url).textTokens(of: parts)
    }
    let user = "{{ '<|im_start|>' }}<|image_pad|>"
    let bare = try count("{{- '<|im_start|>system\\n' + messages[0].content }}<|im_end|>" + user)
    let short = try count("<|im_start|>system\nHelp.<|im_end|>\n" + user)
    #expect(short > bare)
    #expect(try tokenizer().textTokens(of: parts) > short)
    #expect(throws: EncoderError.self) { try count("[INST] {{ messages }} [/INST]") }
  }

  @Test("with a tokenizer every request's tokens are known without a preflight")
  func withoutPreflight() async throws {
    let tokenizer = try tokenizer()
    let server = try FaultInjectingServer { request in
      let counting = CountingServer(textTokens: { parts in tokenizer.textTokens(of: parts) })
      return counting.answer(request)
    }
    defer { server.stop() }
    let describer = try await OpenAIDescriber.connect(
      endpoint: server.base, options: OpenAIDescriber.Options(tokenizer: tokenizer))
    let videos = try FakeVideos(4)
    let (run, ledger) = try videos.run(describer)
    let summary = try await run.run(videos.videos)
    #expect(summary.done == 4 && summary.findings.isEmpty)
    #expect(server.chats.count == 4)
    for video in videos.videos {
      let attempt = try #require(try ledger.attempts(videoID: video.id).last)
      #expect(attempt.expectedPromptTokens != nil)
      #expect(attempt.promptTokens == attempt.expectedPromptTokens)
    }
  }

  @Test("a tokenizer that disagrees with the server is reported and not used")
  func anotherModels() async throws {
    let server = try FaultInjectingServer { CountingServer().answer($0) }
    defer { server.stop() }
    let describer = try await OpenAIDescriber.connect(
      endpoint: server.base, options: OpenAIDescriber.Options(tokenizer: try tokenizer()))
    let (ready, reports) = try await describer.preflighted(
      prompt: try DescribingFixture.prompt(), frames: 3)
    #expect(reports[0].tokenizerAgrees == false)
    #expect(reports[0].warnings.contains { $0.contains("another model") })
    let videos = try FakeVideos(2)
    let summary = try await videos.run(ready).run.run(videos.videos)
    #expect(summary.done == 2 && summary.findings.isEmpty)
  }
}
