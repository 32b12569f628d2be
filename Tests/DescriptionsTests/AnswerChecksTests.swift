import Descriptions
import Foundation
import HTTP
import TestSupport
import Testing
import Workspaces

@Suite("Answer checks")
struct AnswerChecksTests {
  private static let loop = "The man walks to the door and "

  /// Asks once. The server gives its answers in order, and repeats the last one.
  private func ask(
    _ answers: [FaultInjectingServerAnswer], strict: Bool = false,
    script: WritingScript = .latin
  ) async throws -> (result: Result<Description, any Error>, server: FaultInjectingServer) {
    let server = try FaultInjectingServer { answers[min($0.index, answers.count - 1)] }
    let describer = try await DescribingFixture.connect(
      server,
      checks: AnswerChecks(refusals: ["I'm sorry", "I cannot"], script: script, isStrict: strict))
    defer { server.stop() }
    do {
      return (.success(try await describer.describe(try DescribingFixture.request())), server)
    } catch {
      return (.failure(error), server)
    }
  }

  @Test("a streamed answer is put together, with the server's counts")
  func streamed() async throws {
    let text = "A man falls; nobody helps him."
    let description = try await ask([.streamedChat(text, promptTokens: 321)]).result.get()
    #expect(description.text == text && description.findings.isEmpty)
    #expect((description.promptTokens, description.completionTokens) == (321, 6))
  }

  @Test("a stream that ends too early, or contains an error, is asked again")
  func brokenStream() async throws {
    for broken in [
      FaultInjectingServerAnswer.streamedChat("A man", finishReason: nil, endsProperly: false),
      .stream(["{\"error\":{\"message\":\"out of memory\",\"code\":500}}"]),
      .stream(["not json"]), .stream([]),
    ] {
      let (result, server) = try await ask([broken, .streamedChat("Smoke fills the room.")])
      #expect(try result.get().text == "Smoke fills the room.")
      #expect(server.chats.count == 2)
    }
  }

  @Test("a model that repeats itself is interrupted, and its answer is not kept")
  func endlessLoop() async throws {
    for words in [Self.loop, "\n \t"] {
      let (result, server) = try await ask([.loop(saying: words)])
      guard case .failure(DescriptionError.unusableAnswer(_, _, let reason, _)) = result else {
        Issue.record("found \(result)")
        return
      }
      #expect(reason.contains("repeats itself"))
      #expect(server.chats.count == 1)
    }
  }

  @Test(
    "each defect of an answer has its finding",
    arguments: [
      ("A man falls. Abuse028_x264 is seen.", "stop", AnswerFinding.namesFile),
      ("Человек падает на землю и лежит.", "stop", .wrongScript),
      ("A man falls and", "length", .truncated),
    ])
  func kept(text: String, finish: String, finding: AnswerFinding) async throws {
    let description = try await ask([.chat(text, finishReason: finish)]).result.get()
    #expect(description.findings == [finding] && description.text == text)
  }

  @Test(
    "an unusable answer fails with its cause",
    arguments: [
      "I\u{2019}m sorry, but I can't help with that.", "I cannot describe violence.",
      String(repeating: loop, count: 6),
    ])
  func fatal(text: String) async throws {
    guard case .failure(DescriptionError.unusableAnswer) = try await ask([.chat(text)]).result
    else {
      Issue.record("'\(text)' was kept")
      return
    }
  }

  @Test("a strict run asks again with other sampling, at most twice, and records it")
  func strict() async throws {
    let (result, server) = try await ask(
      [.chat("I cannot."), .chat("A man who", finishReason: "length"), .chat("A man falls.")],
      strict: true)
    #expect(try result.get().text == "A man falls.")
    let sent = server.chats.map { $0.json ?? [:] }
    #expect(sent.map { $0["temperature"] as? Double } == [0, 0.4, 0.4])
    #expect(sent.map { $0["seed"] as? Int } == [0, 1, 1])
    #expect(sent.map { $0["max_tokens"] as? Int } == [160, 160, 320])
    let (cut, asked) = try await ask([.chat("A man who", finishReason: "length")], strict: true)
    #expect(try cut.get().findings == [.truncated])
    #expect(asked.chats.count == 3)
    let (declined, thrice) = try await ask([.chat("I cannot.")], strict: true)
    #expect(throws: DescriptionError.self) { try declined.get() }
    #expect(thrice.chats.count == 3)
  }

  @Test("a strict run keeps its earlier answer if asking again brings none")
  func strictKeeps() async throws {
    let cut = FaultInjectingServerAnswer.chat("A man who", finishReason: "length")
    for after in [
      [.chat("I cannot.")], [.error(500, "boom")], [.error(400, "no")], [.hangUp],
      // Cut again and in another script: worse than the answer before.
      [.chat("Человек падает на", finishReason: "length")],
    ] as [[FaultInjectingServerAnswer]] {
      let (result, server) = try await ask([cut] + after, strict: true)
      let description = try result.get()
      #expect(description.text == "A man who" && description.findings == [.truncated])
      #expect(description.status == .truncated && server.chats.count > 1)
    }
    // Of two equally good answers the later one is kept: it had more tokens.
    let longer = FaultInjectingServerAnswer.chat("A man who falls and", finishReason: "length")
    #expect(try await ask([cut, longer], strict: true).result.get().text == "A man who falls and")
  }

  /// A strict run over one video.
  private func strictRun(_ server: FaultInjectingServer) async throws -> (
    summary: DescribeSummary, videos: FakeVideos, ledger: Ledger
  ) {
    let videos = try FakeVideos(1)
    let describer = try await DescribingFixture.connect(
      server, checks: AnswerChecks(refusals: ["I cannot"], isStrict: true))
    let (run, ledger) = try videos.run(describer)
    return (try await run.run(videos.videos), videos, ledger)
  }

  @Test("the attempt whose answer was kept in the end is the one that succeeded")
  func strictKeepsInLedger() async throws {
    let server = try FaultInjectingServer { request in
      request.index == 0 ? .chat("A man who", finishReason: "length") : .chat("I cannot.")
    }
    defer { server.stop() }
    let (summary, videos, ledger) = try await strictRun(server)
    #expect((summary.done, summary.failed) == (1, 0))
    let attempts = try ledger.attempts(videoID: videos.videos[0].id)
    #expect(attempts.map(\.status) == [.succeeded, .failed, .failed])
    #expect(attempts.map(\.cause) == [nil, .badAnswer, .badAnswer] && attempts[0].error == nil)
    let description = try #require(try ledger.descriptions().first)
    #expect(description.attemptID == attempts[0].id && description.findings == [.truncated])
    #expect(try ledger.failures().isEmpty)
  }

  @Test("attempts keep the findings, the cause and the variation; descriptions their findings")
  func recorded() async throws {
    let server = try FaultInjectingServer { request in
      request.index == 0
        ? .chat("I cannot.") : .chat("Fighting100_x264 shows two men.", finishReason: "stop")
    }
    defer { server.stop() }
    let (summary, videos, ledger) = try await strictRun(server)
    #expect(summary.done == 1 && summary.findings == ["namesFile": 1])
    let attempts = try ledger.attempts(videoID: videos.videos[0].id)
    #expect(attempts.map(\.findings) == [[.refused], [.namesFile], [.namesFile]])
    #expect(attempts.map(\.cause) == [.badAnswer, .badAnswer, nil])
    #expect(attempts.map { $0.variation != nil } == [false, true, true])
    #expect(try ledger.descriptions().map(\.findings) == [[.namesFile]])
  }

  @Test("the same description of different videos is counted and causes a warning")
  func sameForAll() async throws {
    let server = try FaultInjectingServer { request in
      request.index % 2 == 0
        ? .chat("A person walks through a corridor with a bag in one hand.")
        : .chat("Number \(request.body.hashValue) is unlike any other description here.")
    }
    defer { server.stop() }
    let videos = try FakeVideos(12)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 1)
    let alarms = WaitLog()
    let summary = try await run.run(videos.videos, warn: { _ in alarms.note(1) })
    #expect((summary.nearDuplicates, summary.largestDuplicateGroup) == (6, 6))
    // Once, at the fifth.
    #expect(alarms.seconds.count == 1)
    // The first one too, which had nothing to be compared with when it came.
    let found = try ledger.descriptions().filter { $0.findings == [.nearDuplicate] }
    #expect(found.count == 6 && Set(found.map(\.text)).count == 1)
    #expect(summary.findings == ["nearDuplicate": 6])
    let exported = try String(contentsOf: run.workspace.descriptionsFile, encoding: .utf8)
    #expect(exported.split(separator: "\n").count { $0.contains("nearDuplicate") } == 6)
  }

  @Test("the share of descriptions that name their class is a figure, not a finding")
  func namesClass() async throws {
    let server = try FaultInjectingServer { request in
      .chat(
        request.index == 0 ? "Two men are fighting in a yard." : "A dog \(request.index) sleeps.")
    }
    defer { server.stop() }
    let videos = try FakeVideos(3)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 1)
    let summary = try await run.run(videos.videos)
    #expect((summary.namingTheirClass, summary.withClass) == (1, 3))
    #expect(try ledger.descriptions().allSatisfy { $0.findings == nil })
  }
}

@Suite("Text repetition")
struct TextRepetitionTests {
  @Test("a loop is detected after four rounds, and ordinary sentences are not loops")
  func loops() {
    let piece = "and the man walks "
    #expect(!TextRepetition.endsInLoop(String(repeating: piece, count: 3)))
    #expect(TextRepetition.endsInLoop("First, " + String(repeating: piece, count: 5)))
    #expect(TextRepetition.endsInLoop(String(repeating: "ha", count: 30)))
    #expect(!TextRepetition.endsInLoop(String(repeating: "ha", count: 20)))
    #expect(TextRepetition.endsInLoop("{\"scene\":" + String(repeating: " ", count: 64)))
    #expect(!TextRepetition.endsInLoop(""))
    let plain =
      "Two men enter a shop at night, one of them breaks the counter and they leave with a bag "
      + "while a third waits outside in a car; the owner arrives later and calls for help."
    #expect(!TextRepetition.isRepeating(plain))
  }

  @Test("a text of which half is repetition repeats itself, wherever the repetition is")
  func share() {
    let sentence = "a man in a red coat runs down the stairs and out "
    #expect(TextRepetition.repeatedShare(sentence) == 0)
    #expect(TextRepetition.isRepeating(sentence + sentence + sentence + "of the house"))
    #expect(!TextRepetition.isRepeating(sentence + "of the house, then comes back for a bag"))
  }
}

@Suite("Writing script")
struct WritingScriptTests {
  @Test("a few foreign letters do not make another script")
  func scripts() {
    #expect(WritingScript.latin.holds("A man enters the café on Москва street at 10:30."))
    #expect(!WritingScript.latin.holds("一个人走进商店。"))
    #expect(WritingScript.han.holds("一个人走进商店。"))
    #expect(WritingScript.korean.holds("한 남자가 가게에 들어간다."))
    #expect(!WritingScript.cyrillic.holds("A man"))
    #expect(WritingScript.any.holds("一 A Б") && WritingScript.latin.holds("123, 45."))
  }
}

@Suite("Duplicate detector")
struct DuplicateDetectorTests {
  @Test("equal and nearly equal texts form one group; other sentences do not")
  func groups() {
    let watch = DuplicateDetector()
    let long =
      "a man in a dark coat enters the shop from the left, looks around, takes a bottle from "
      + "the shelf near the counter and leaves without paying while the owner is on the telephone"
    let verdicts = [
      long, long.uppercased() + "!", long.replacing("telephone", with: "phone"),
      "two cars meet at a crossing and one of them burns", "",
    ].map(watch.insert)
    #expect(verdicts.map(\.groupSize) == [1, 2, 3, 1, 1])
    #expect(watch.groupSizes.ofEach == [3, 3, 3, 1, 1])
    #expect(watch.groupSizes.ofAll.sorted() == [1, 1, 3])
  }

  @Test("groups do not depend on the order in which descriptions come")
  func order() {
    let middle =
      "a man in a dark coat enters the shop from the left looks around takes a bottle from "
      + "the shelf near the counter and leaves without paying while the owner is on the telephone"
    // Both are close to the middle one, but less close to each other.
    let texts = [
      middle.replacing("a man in a", with: "a man bag a"), middle,
      middle.replacing("dark coat", with: "dark door"),
    ]
    for order in [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1]] {
      let watch = DuplicateDetector()
      for place in order { _ = watch.insert(texts[place]) }
      #expect(watch.groupSizes.ofAll == [3], "\(order)")
    }
  }

  @Test("each group causes one warning, at five descriptions and two percent")
  func alarm() {
    let watch = DuplicateDetector()
    for number in 0..<400 { _ = watch.insert("a place number \(number) with \(number * 7) people") }
    let alarms = (0..<12).map { _ in watch.insert("nothing happens at all").isAlarm }
    // 9 of 409 is the first that reaches 2 %.
    #expect(alarms.firstIndex(of: true) == 8 && alarms.count { $0 } == 1)
  }
}

@Suite("Label guard")
struct LabelGuardTests {
  private let leaks = LabelGuard(
    videoID: "Abuse028_x264", videoPath: "/data/Abuse/Abuse028_x264.mp4", classNames: ["Abuse"])

  @Test("a request may name neither the file nor the class")
  func requests() {
    #expect(leaks.leak(inRequest: "Describe Abuse028_x264.") == .fileName("abuse028_x264"))
    #expect(leaks.leak(inRequest: "Is there abuse in it?") == .className("abuse"))
    #expect(leaks.leak(inRequest: "Is it abusive? Frame 28 of 30.") == nil)
    let allowed = LabelGuard(
      videoID: "a", videoPath: "/a.mp4", classNames: ["Abuse"], mayNameClass: true)
    #expect(allowed.leak(inRequest: "A video of abuse.") == nil)
    let number = LabelGuard(videoID: "12", videoPath: "/12.mp4", classNames: [])
    #expect(number.leak(inRequest: "Frame 12 of 12") == nil)
    for (name, text) in [("video", "A video of 3 s"), ("frame 1", "Frame 1 of 2")] {
      let plain = LabelGuard(videoID: name, videoPath: "/\(name).mp4", classNames: [])
      #expect(plain.leak(inRequest: text) == nil)
      #expect(plain.leak(inRequest: "Look at cam_01.mp4") == nil)
    }
    // Permission for the class is not permission for the file.
    let telling = LabelGuard(
      videoID: "cam_01", videoPath: "/cam_01.mp4", classNames: ["Abuse"], mayNameClass: true)
    #expect(telling.leak(inRequest: "Look at cam_01.mp4: abuse") == .fileName("cam_01"))
  }

  @Test("an answer may contain the class, but no words that only the path has")
  func answers() {
    #expect(leaks.leak(inAnswer: "This is abuse: a man hits a dog.") == nil)
    #expect(leaks.leak(inAnswer: "The clip Abuse028_x264 shows a dog.") == "abuse028_x264")
    #expect(leaks.leak(inAnswer: "File abuse_028 x264, a dog.") == "x264")
    #expect(leaks.leak(inAnswer: "Seen in Abuse031.") == "abuse031")
    let plain = LabelGuard(videoID: "zebra", videoPath: "/zebra.mp4", classNames: ["Normal"])
    #expect(plain.leak(inAnswer: "A zebra stands still.") == nil)
  }

  @Test("a class of two words is found as written")
  func names() {
    #expect(LabelGuard.names("RoadAccidents", in: "Cars after road accidents."))
    #expect(LabelGuard.names("Fighting", in: "Men fighting."))
    #expect(!LabelGuard.names("Arson", in: "A person parsonage."))
  }
}

@Suite("Request refusal")
struct RequestRefusalTests {
  @Test(
    "the cause is read from the server's words",
    arguments: [
      (
        "At most 16 image(s) may be provided in one prompt. (parameter=image)",
        RequestRefusal.imageLimit
      ),
      ("You set image=1 in `--limit-mm-per-prompt`, found 8 images", .imageLimit),
      (
        "This model's maximum context length is 32768 tokens. However, your prompt contains at "
          + "least 32769 input tokens", .contextLength
      ),
      ("the request exceeds the available context size", .contextLength),
      ("Failed to load image: cannot identify image file <_io.BytesIO object>", .badMedia),
      ("Invalid base64-encoded string", .badMedia), ("no such thing", .other),
    ])
  func causes(words: String, cause: RequestRefusal) {
    #expect(RequestRefusal(status: 400, words: words) == cause)
    #expect((cause.remedy == nil) == (cause == .other))
  }

  @Test("the error has a next step, and the ledger stores the cause")
  func recorded() async throws {
    let server = try FaultInjectingServer { _ in
      .error(400, "At most 1 image(s) may be provided in one prompt.")
    }
    defer { server.stop() }
    let videos = try FakeVideos(1)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    let summary = try await run.run(videos.videos)
    #expect(summary.failures[0].contains("--limit-mm-per-prompt"))
    #expect(try ledger.failureCauses() == [.imageLimit])
    #expect(RequestRefusal(status: 413, words: "") == .tooLarge)
  }
}
