import Descriptions
import Foundation
import HTTP
import Records
import TestSupport
import Testing
import Workspaces

/// Thinking models, and models that write no sentences, through the client.
@Suite("Thinking models")
struct ThinkingTests {
  private static let answer = "A man falls; nobody helps him."

  private static func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }

  /// A stream of these deltas.
  private static func deltas(_ deltas: [String], finish: String) -> FaultInjectingServerAnswer {
    .stream(
      deltas.map { "{\"choices\":[{\"delta\":\($0),\"finish_reason\":null}]}" } + [
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"\(finish)\"}]}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":160}}", "[DONE]",
      ])
  }

  private func run(
    _ answer: FaultInjectingServerAnswer, strict: Bool = false, prompt: PromptTemplate? = nil
  ) async throws -> (summary: DescribeSummary, ledger: Ledger, asked: [[String: Any]], id: String) {
    let server = try FaultInjectingServer { _ in answer }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(
      server, checks: AnswerChecks(isStrict: strict))
    let videos = try FakeVideos(1)
    let (run, ledger) = try videos.run(describer, prompt: prompt)
    let summary = try await run.run(videos.videos)
    return (summary, ledger, server.chats.map { $0.json ?? [:] }, videos.videos[0].id)
  }

  @Test("thoughts before an answer are cut off, also if the tag comes in pieces, and are noted")
  func cutOff() async throws {
    for reply in [
      FaultInjectingServerAnswer.chat("I look at all frames.\n</think>\n\n\(Self.answer)"),
      Self.deltas(
        [
          "<thi", "nk>I look at", " all frames.</t", "hink>", "\\n\\nA man falls; ",
          "nobody helps him.",
        ]
        .map { "{\"content\":\"\($0)\"}" }, finish: "stop"),
    ] {
      let (summary, ledger, _, id) = try await run(reply)
      #expect(summary.done == 1 && summary.findings == ["thoughts": 1])
      #expect(try ledger.descriptions().map(\.text) == [Self.answer])
      let attempt = try #require(try ledger.attempts(videoID: id).last)
      #expect(attempt.status == .succeeded && attempt.findings == [.thoughts])
      #expect(attempt.error?.contains("I look at all frames") == true)
      #expect(try ledger.failures().isEmpty)
    }
  }

  @Test("reasoning without an answer is told with its remedy, and the cut is not lost behind it")
  func onlyReasoning() async throws {
    let thoughts = Self.quoted("Let me look at the frames.")
    for delta in [
      "{\"content\":null,\"reasoning\":\(thoughts)}", "{\"reasoning_content\":\(thoughts)}",
      "{\"content\":\"\",\"reasoning\":\(thoughts),\"reasoning_content\":\(thoughts)}",
      "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\(thoughts)}]}]}",
      "{\"content\":null,\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\(thoughts)}]}",
      "{\"content\":\"<think>Let me look at the frames.\"}",
    ] {
      let message =
        "{\"choices\":[{\"message\":\(delta),\"finish_reason\":\"length\"}],"
        + "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":160}}"
      for reply in [Self.deltas([delta], finish: "length"), .json(message)] {
        let (summary, ledger, asked, id) = try await run(reply)
        #expect(summary.done == 0 && asked.count == 1, "\(delta)")
        let attempt = try #require(try ledger.attempts(videoID: id).last)
        #expect(
          attempt.findings == [.onlyThoughts, .truncated] && attempt.finishReason == "length")
        #expect(attempt.cause == .badAnswer)
        let reason = (summary.failures.first ?? "")
        #expect(reason.contains("used all 160 tokens for its reasoning: '"), "\(reason)")
        #expect(reason.contains("Let me look at the frames."))
        #expect(reason.contains("raise --max-tokens, or switch thinking off: --extra-body"))
      }
    }
  }

  @Test("parts of the kinds text and thinking are told apart")
  func parts() async throws {
    let content =
      "[{\"type\":\"thinking\",\"thinking\":\"I look.\"},{\"type\":\"text\",\"text\":\"\(Self.answer)\"}]"
    let (summary, ledger, _, _) = try await run(
      .json("{\"choices\":[{\"message\":{\"content\":\(content)},\"finish_reason\":\"stop\"}]}"))
    #expect(summary.done == 1)
    #expect(try ledger.descriptions().map(\.text) == [Self.answer])
  }

  @Test("a strict run gives thoughts that were cut more tokens")
  func strict() async throws {
    let (summary, _, asked, _) = try await run(
      .chat("<think>I look", finishReason: "length"), strict: true)
    #expect(summary.failed == 1)
    #expect(asked.map { $0["max_tokens"] as? Int } == [160, 320, 640])
    #expect((summary.failures.first ?? "").contains("used all 640 tokens"))
  }

  @Test("a structured answer after thoughts is read, and tags within its strings stay")
  func structured() async throws {
    let json =
      "{\"scene\":\"a sign says </think>\",\"actors\":[\"two men\"],\"actions\":[\"enter\"],"
      + "\"event\":\"A clerk is robbed.\",\"when\":\"near the end\",\"consequence\":\"\"}"
    let prompt = try PromptTemplate.load("describe-json", from: ResourceFolders.find(override: nil))
    for text in [
      json, "I look.</think>\n\(json)", "<think>a</think>```json\n\(json)\n```<|im_end|>",
    ] {
      let (summary, ledger, _, _) = try await run(.chat(text), prompt: prompt)
      #expect(summary.done == 1, "\(summary.failures)")
      #expect(try ledger.descriptions().first?.text.contains("A sign says </think>") == true)
    }
    let (summary, _, _, _) = try await run(
      .chat("<think>" + json.replacing("</think>", with: "STOP")), prompt: prompt)
    #expect(summary.failed == 1 && (summary.failures.first ?? "").contains("reasoning"))
  }

  @Test(
    "an answer without a sentence is not kept",
    arguments: [
      String(repeating: "!", count: 24), "N/A", "** - **", "🚗🔥", "1, 2, 3.", "<|im_end|>",
      "<|im_start|>assistant\n<|im_end|>", "好的",
    ])
  func noWords(text: String) async throws {
    let (summary, ledger, asked, id) = try await run(.chat(text))
    #expect(summary.done == 0 && asked.count == 1)
    #expect(try ledger.attempts(videoID: id).last?.findings?.first == .noWords)
    #expect(
      (summary.failures.first ?? "").contains("no sentence in it")
        && (summary.failures.first ?? "").contains("chat template"))
  }

  @Test("a full context shows as a cut before the first word")
  func fullContext() async throws {
    let (summary, _, _, _) = try await run(
      .chat("", finishReason: "length", completionTokens: 0))
    #expect((summary.failures.first ?? "").contains("before the first word"))
    #expect((summary.failures.first ?? "").contains("LMDeploy: --session-len"))
  }

  @Test("tokens that were all used without a word are taken for reasoning that is kept back")
  func hiddenReasoning() async throws {
    let (summary, ledger, _, id) = try await run(
      Self.deltas(["{\"role\":\"assistant\",\"content\":\"\"}", "{}"], finish: "length"))
    #expect((summary.failures.first ?? "").contains("used all 160 tokens and wrote no word"))
    #expect((summary.failures.first ?? "").contains("enable_thinking"))
    #expect(try ledger.attempts(videoID: id).last?.findings == [.empty, .truncated])
  }

  @Test("a share of bad answers gives one warning for each kind, with its remedy")
  func alarm() async throws {
    let server = try FaultInjectingServer { request in
      switch request.index % 4 {
      case 0: .chat("<think>I look at frame \(request.index)", finishReason: "length")
      case 1: .chat("!!!!!!!!!!!!")
      default: .chat("Number \(request.body.hashValue) is unlike any other of these.")
      }
    }
    defer { server.stop() }
    let videos = try FakeVideos(40)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 1)
    let warnings = Warnings()
    let summary = try await run.run(videos.videos, warn: { warnings.note($0) })
    #expect((summary.done, summary.failed) == (20, 20))
    #expect(warnings.all.count == 2, "\(warnings.all)")
    #expect(
      warnings.all.contains {
        $0.hasPrefix(
          "5 of 17 answers are reasoning without an answer (onlyThoughts) and are not kept")
          && $0.contains("enable_thinking")
      })
    #expect(warnings.all.contains { $0.hasPrefix("5 of 18 answers are signs without a sentence") })
    #expect(try ledger.descriptions().count == 20)
  }

  @Test("the watch gives alarm at five and two percent, once for each finding")
  func watch() {
    let watch = BadAnswerWatch()
    for _ in 0..<400 { watch.noteKept() }
    let alarms = (0..<12).map { _ in watch.noteRejected(.noWords, reason: "!") != nil }
    #expect(alarms.firstIndex(of: true) == 8 && alarms.count { $0 } == 1)
    #expect(watch.noteRejected(.onlyThoughts, reason: "a") == nil)
  }
}
