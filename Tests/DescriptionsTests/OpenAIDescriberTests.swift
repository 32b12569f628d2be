import Descriptions
import Foundation
import HTTP
import Records
import TestSupport
import Testing
import Video

@Suite("OpenAI describer")
struct OpenAIDescriberTests {
  @Test("the only model is used; with several or none the error asks for one")
  func models() async throws {
    for (served, asked, model) in [
      (["a"], nil, "a"), (["a", "b"], "b", "b"), (["a", "b"], nil, nil), (["a"], "c", nil),
    ] as [([String], String?, String?)] {
      let server = try FaultInjectingServer(models: served) { _ in .hangUp }
      defer { server.stop() }
      if let model {
        let describer = try await OpenAIDescriber.connect(endpoint: server.base, model: asked)
        #expect(describer.identity.model == model)
        #expect(describer.identity.endpoint == server.base)
        #expect(describer.contextTokens == 32_768)
      } else {
        let error = try await #require(throws: DescriptionError.self) {
          try await OpenAIDescriber.connect(endpoint: server.base, model: asked)
        }
        #expect(error.failureKind == .usage)
        #expect(error.description.contains("'a'") && error.description.contains("--model"))
      }
    }
  }

  @Test("a missing, a loading, a locked and a foreign server cause different errors")
  func preflight() async throws {
    func error(_ answer: FaultInjectingServerAnswer) async throws -> DescriptionError {
      let server = try FaultInjectingServer(models: []) { _ in answer }
      defer { server.stop() }
      return try await #require(throws: DescriptionError.self) {
        try await DescribingFixture.connect(server)
      }
    }
    #expect(try await error(.error(503, "loading")).failureKind == .serverUnreachable)
    #expect(try await error(.hangUp).failureKind == .serverUnreachable)
    #expect(try await error(.error(401, "no")).description.contains("KESS_API_KEY"))
    #expect(try await error(.error(404, "no")).description.contains("/v1"))
    #expect(try await error(.json("<html>", status: 200)).description.contains("models"))
    #expect(try await error(.models([])).description.contains("no model"))
    let gone = try FaultInjectingServer { _ in .hangUp }
    gone.stop()
    let unreachable = try await #require(throws: DescriptionError.self) {
      try await OpenAIDescriber.connect(endpoint: gone.base)
    }
    #expect(unreachable.failureKind == .serverUnreachable)
  }

  @Test("one user message: header, then each frame after its time, the instruction last")
  func message() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let description = try await describer.describe(try DescribingFixture.request())
    #expect(description.text == "Smoke fills the room.")
    #expect((description.promptTokens, description.completionTokens) == (100, 10))
    let body = try #require(server.chats.first?.json)
    let messages = try #require(body["messages"] as? [[String: Any]])
    #expect(messages.map { $0["role"] as? String } == ["user"])
    let content = try #require(messages[0]["content"] as? [[String: Any]])
    #expect(
      content.map { $0["type"] as? String } == [
        "text", "image_url", "text", "image_url", "text", "image_url", "text",
      ])
    #expect(
      content[0]["text"] as? String
        == "A video of 12.3 s, 3 stills in time order, unevenly spaced.\nFrame 1 of 3, time 0.0 s:")
    #expect(content[4]["text"] as? String == "\nFrame 3 of 3, time 2.5 s:")
    #expect(content[6]["text"] as? String == "\nWhat happens?")
    // 64x48 becomes 56x56, a JPEG of that size and of that frame.
    let url = try #require((content[3]["image_url"] as? [String: Any])?["url"] as? String)
    let prefix = "data:image/jpeg;base64,"
    let jpeg = try #require(Data(base64Encoded: String(url.dropFirst(prefix.count))))
    let image = try JPEGCodec.decode(jpeg, name: "sent")
    #expect(url.hasPrefix(prefix) && (image.width, image.height) == (56, 56))
    let expected = try JPEGCodec.encode(
      DescribingFixture.frames(1)[1].image.resized(width: 56, height: 56), quality: 90)
    #expect(jpeg == expected)
  }

  @Test("every sampling field is sent")
  func sampling() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(
      server, sampling: SamplingParameters(temperature: 0.25, maximumTokens: 77, seed: 9))
    _ = try await describer.describe(try DescribingFixture.request())
    let body = try #require(server.chats.first?.json)
    #expect(
      Set(body.keys) == [
        "model", "messages", "temperature", "top_p", "top_k", "repetition_penalty",
        "max_tokens", "n", "seed", "stream", "stream_options",
      ])
    #expect(body["temperature"] as? Double == 0.25)
    #expect(body["max_tokens"] as? Int == 77)
    #expect(body["seed"] as? Int == 9)
    #expect(body["n"] as? Int == 1)
    #expect(body["model"] as? String == "fake")
  }

  @Test("a request contains neither the video's id nor its class nor its file")
  func noLabel() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    _ = try await describer.describe(try DescribingFixture.request("Abuse028_x264"))
    let chat = try #require(server.chats.first)
    let text =
      String(decoding: chat.body, as: UTF8.self)
      .replacing(/base64,[A-Za-z0-9+\/=]+/, with: "") + "\(chat.headers)"
    #expect(text.contains("What happens?"))
    for word in ["Abuse", "abuse", "028", "x264", "mp4", "/data", "Fighting", "train"] {
      #expect(!text.contains(word), "'\(word)' is in the request")
    }
    // Two videos with the same frames make the same bytes.
    _ = try await describer.describe(try DescribingFixture.request("Normal_Videos_003_x264"))
    #expect(server.chats[1].body == chat.body)
  }

  @Test("a prompt with the class is not sent unless the label is allowed")
  func labels() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let source = DescribingFixture.promptSource + "{{#label}}It is {{label}}.{{/label}}"
    let plain = try DescribingFixture.prompt(source)
    let silent = try DescribingFixture.prompt()
    #expect(plain.showsLabel && !silent.showsLabel)
    let naming = try DescribingFixture.prompt(DescribingFixture.promptSource + "Is it fighting?")
    let videos = try FakeVideos(1)
    let describer = try await DescribingFixture.connect(server)
    let (run, ledger) = try videos.run(describer, prompt: naming)
    #expect(try await run.run(videos.videos).failed == 1)
    #expect(server.chats.isEmpty)
    #expect(try ledger.failureCauses() == [.labelLeak])
    // Without permission the prompt omits the label; with it, it is another question.
    _ = try await videos.run(describer, prompt: plain).run.run(videos.videos)
    let labelled = DescribeRun(
      workspace: run.workspace, ledger: ledger, describer: describer, source: videos,
      prompt: plain, usesLabel: true)
    #expect(try await labelled.run(videos.videos).done == 1)
    let texts = server.chats.map { CountingServer.content(of: $0).text }
    #expect(texts.map { $0.contains("It is Fighting.") } == [false, true])
    #expect(try await labelled.run(videos.videos).skipped == 1)
  }

  @Test("the key is sent, and no error or attempt contains it if the server repeats it")
  func key() async throws {
    let server = try FaultInjectingServer { request in
      let header = request.headers["authorization"] ?? "none"
      return request.index % 2 == 0
        ? .error(400, "bad media, sent with \(header)")
        : .stream(["{\"error\":{\"message\":\"bad stream, sent with \(header)\"}}"])
    }
    defer { server.stop() }
    let describer = try await OpenAIDescriber.connect(
      endpoint: server.base, key: try APIKey("hunter2", source: "test"),
      options: OpenAIDescriber.Options(retry: DescribingFixture.quickRetry(attempts: 1)))
    let videos = try FakeVideos(4)
    let (run, ledger) = try videos.run(describer, jobs: 1)
    let summary = try await run.run(videos.videos)
    #expect(server.chats[0].headers["authorization"] == "Bearer hunter2")
    let told = summary.failures + (try ledger.failures().map(\.error))
    #expect(told.contains { $0.contains("bad media, sent with") })
    #expect(told.contains { $0.contains("bad stream, sent with") })
    #expect(!told.contains { $0.contains("hunter2") })
    #expect(!"\(describer)".contains("hunter2"))
  }

  @Test(
    "a file that is named with a word of the prompt is described",
    arguments: ["video", "camera", "frame", "stills", "time", "frame 1", "normal"])
  func plainNames(name: String) async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    var request = try DescribingFixture.request(name)
    request.prompt = try PromptTemplate.load(from: ResourceFolders.find(override: nil))
    #expect(try await describer.describe(request).text == "Smoke fills the room.")
  }

  @Test("a frame that the model refuses and a video without frames send no request")
  func unusableFrames() async throws {
    let server = try FaultInjectingServer { _ in .chat("Smoke fills the room.") }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    var request = try DescribingFixture.request()
    #expect(throws: DescriptionError.self) {
      try describer.sentFrame(
        of: VideoFrame(
          frameIndex: 0, timestampSeconds: 0, image: RGBImage(width: 402, height: 2)))
    }
    request.frames = []
    await #expect(throws: DescriptionError.self) { try await describer.describe(request) }
    #expect(server.chats.isEmpty)
  }

  @Test("a server that refuses fields gets the request without them, once for all requests")
  func dialect() async throws {
    let server = try FaultInjectingServer { request in
      let unknown = Set((request.json ?? [:]).keys).intersection(["top_k", "repetition_penalty"])
      return unknown.isEmpty
        ? .chat("Smoke fills the room.")
        : .json(
          "{\"detail\":\"Unexpected fields in the request: {'top_k', 'repetition_penalty'}\"}",
          status: 422)
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    for _ in 0..<3 { _ = try await describer.describe(try DescribingFixture.request()) }
    #expect(server.chats.count == 4)
    let sent = try #require(server.chats.last?.json)
    #expect(sent["top_k"] == nil && sent["repetition_penalty"] == nil)
    #expect(sent["seed"] != nil && sent["n"] != nil)
  }

  @Test("a refusal that names no field drops the optional ones group by group, then gives up")
  func stubbornDialect() async throws {
    let server = try FaultInjectingServer { _ in .json("{\"detail\":\"no\"}", status: 422) }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.describe(try DescribingFixture.request())
    }
    #expect(error.description.contains("422"))
    // All, without each of three groups, without all three.
    #expect(server.chats.count == 5)
    #expect(
      Set((server.chats.last?.json ?? [:]).keys) == [
        "model", "messages", "temperature", "top_p", "max_tokens", "stream",
      ])
    // An omission that did not help is not remembered for the next video.
    _ = try? await describer.describe(try DescribingFixture.request())
    #expect(server.chats[5].json?["top_k"] != nil)
  }

  @Test(
    "a guess that worked is remembered, and fields that did no harm are sent again",
    arguments: [("top_k", 4), ("seed", 5), ("stream_options", 6)])
  func guessedDialect(refused: String, asked: Int) async throws {
    let server = try FaultInjectingServer { request in
      request.json?[refused] == nil
        ? .chat("Smoke fills the room.") : .json("{\"detail\":\"no\"}", status: 422)
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    for _ in 0..<3 { _ = try await describer.describe(try DescribingFixture.request()) }
    #expect(server.chats.count == asked)
    let sent = Set((server.chats.last?.json ?? [:]).keys)
    let groups = [["top_k", "repetition_penalty"], ["n", "seed"], ["stream_options"]]
    for group in groups { #expect(sent.isSuperset(of: group) == !group.contains(refused)) }
  }

  @Test("two groups that are refused without being named are both omitted")
  func twoGuesses() async throws {
    let server = try FaultInjectingServer { request in
      request.json?["top_k"] == nil && request.json?["n"] == nil
        ? .chat("Smoke fills the room.") : .json("{\"detail\":\"no\"}", status: 422)
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    for _ in 0..<2 { _ = try await describer.describe(try DescribingFixture.request()) }
    #expect(server.chats.count == 6)
  }
}
