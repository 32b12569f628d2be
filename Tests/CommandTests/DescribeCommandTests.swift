import Foundation
import Synchronization
import TestSupport
import Testing
import Workspaces

/// `describe` through the built binary, against a server that does what it is told.
@Suite(.blocking) struct DescribeCommandTests {
  private func makeVideos(_ count: Int, in folder: TemporaryFolder) throws {
    try FileManager.default.createDirectory(
      at: folder.file("videos"), withIntermediateDirectories: true)
    for number in 0..<count {
      try SmallDataset.clip(
        to: folder.file("videos/v\(number).mp4"), frames: 24 + number, phase: number * 5)
    }
  }

  private func describe(
    _ server: FaultInjectingServer, in folder: TemporaryFolder, _ more: [String] = [],
    whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    try CommandRun.run(
      "describe",
      [
        "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin", "--frames", "2",
        "--no-preflight",
      ]
        + more,
      in: folder.url, whileRunning: whileRunning)
  }

  private func exportedVideos(in folder: TemporaryFolder) throws -> [String] {
    struct Line: Decodable { var video: String }
    return try String(
      contentsOf: folder.file("workspaces/videos/descriptions.jsonl"), encoding: .utf8
    ).split(separator: "\n")
      .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).video }
  }

  @Test func anInterruptedRunLosesNothingAndTheNextOneRepeatsNothing() throws {
    let folder = try TemporaryFolder()
    try makeVideos(6, in: folder)
    let server = try FaultInjectingServer { request in
      // Slow enough that the signal arrives while the third request is open.
      .slowly(
        body: Self.chatBody("Video number \(request.index) shows a square."), pieceBytes: 64,
        pauseSeconds: 0.05)
    }
    defer { server.stop() }
    let first = try describe(server, in: folder, ["--jobs", "1"]) { process in
      while server.chats.count < 3, process.isRunning { usleep(5_000) }
      process.interrupt()
    }
    #expect(first.exitCode == 130, "\(first.standardError)")
    let done = try exportedVideos(in: folder)
    #expect(done.count == 3)
    let second = try describe(server, in: folder, ["--jobs", "1"])
    #expect(second.exitCode == 0, "\(second.standardError)")
    #expect(second.standardOutput.contains("3 described, 3 kept"))
    #expect(Set(try exportedVideos(in: folder)).count == 6)
    // Six videos, six questions: nothing finished was asked again.
    #expect(server.chats.count == 6)
  }

  @Test func aKilledRunLosesOnlyWhatWasUnderWay() throws {
    let folder = try TemporaryFolder()
    try makeVideos(5, in: folder)
    let server = try FaultInjectingServer { request in
      .slowly(
        body: Self.chatBody("The answer is \(request.index)."), pieceBytes: 64, pauseSeconds: 0.05)
    }
    defer { server.stop() }
    _ = try describe(server, in: folder, ["--jobs", "1"]) { process in
      while server.chats.count < 3, process.isRunning { usleep(5_000) }
      kill(process.processIdentifier, SIGKILL)
    }
    let second = try describe(server, in: folder, ["--jobs", "1"])
    #expect(second.exitCode == 0, "\(second.standardError)")
    #expect(Set(try exportedVideos(in: folder)).count == 5)
    // The one that was under way is asked again; the two finished are not.
    #expect(server.chats.count <= 6)
  }

  @Test func nothingThatNamesTheVideoOrItsClassIsSent() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.file("videos/Burglary"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      at: folder.file("videos/Normal"), withIntermediateDirectories: true)
    try SmallDataset.clip(to: folder.file("videos/Burglary/Burglary017_x264.mp4"), frames: 20)
    try SmallDataset.clip(to: folder.file("videos/Normal/zebra.mp4"), frames: 22)
    let server = try FaultInjectingServer { _ in .chat("A square drifts over a grey field.") }
    defer { server.stop() }
    let run = try describe(server, in: folder)
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(server.chats.count == 2)
    for chat in server.chats {
      let body = String(decoding: chat.body, as: UTF8.self)
      // The letters of a picture spell any short word by chance.
      let words = body.replacing(/base64,[A-Za-z0-9+\/=\\]+/, with: "base64,")
      #expect(words.count < body.count)
      for word in ["Burglary", "burglary", "017", "x264", "zebra", "videos"] {
        #expect(!words.contains(word), "the request names '\(word)'")
      }
      #expect(body.contains("data:image") && body.contains("base64"))
    }
  }

  @Test func fieldsOfTheServersOwnAreSentAndThoseOfTheRequestAreRefused() throws {
    let folder = try TemporaryFolder()
    try makeVideos(1, in: folder)
    let server = try FaultInjectingServer { _ in .chat("A square drifts to the right.") }
    defer { server.stop() }
    try Data("{\"chat_template_kwargs\": {\"enable_thinking\": false}}".utf8)
      .write(to: folder.file("off.json"))
    let run = try describe(server, in: folder, ["--extra-body", "off.json"])
    #expect(run.exitCode == 0, "\(run.standardError)")
    let fields = server.chats.first?.json?["chat_template_kwargs"] as? [String: Any]
    #expect(fields?["enable_thinking"] as? Bool == false)
    for (text, code, says) in [
      ("{\"temperature\": 1}", 64, "--temperature"), ("{\"a\": ", 64, "JSON object"),
      ("none.json", 65, "none.json"),
    ] as [(String, Int32, String)] {
      let refused = try describe(server, in: folder, ["--extra-body", text])
      #expect(refused.exitCode == code && refused.standardError.contains(says), "\(refused)")
    }
    #expect(server.chats.count == 1)
  }

  @Test func aRefusedVideoIsReportedAndTheOthersAreKept() throws {
    let folder = try TemporaryFolder()
    try makeVideos(3, in: folder)
    let refused = Mutex(false)
    let server = try FaultInjectingServer { _ in
      let isFirst = refused.withLock { refused in
        defer { refused = true }
        return !refused
      }
      return isFirst ? .error(400, "bad image") : .chat("A square drifts to the right.")
    }
    defer { server.stop() }
    let run = try describe(server, in: folder, ["--jobs", "1"])
    #expect(run.exitCode == 2, "\(run.standardError)")
    #expect(run.standardOutput.contains("2 described"))
    #expect(run.standardOutput.contains("1 failed"))
    let again = try describe(server, in: folder)
    #expect(again.exitCode == 0, "\(again.standardError)")
    #expect(again.standardOutput.contains("1 described, 2 kept"))
  }

  @Test func aPlanTellsRequestsAndTokensAndStoresNothing() throws {
    let folder = try TemporaryFolder()
    try makeVideos(3, in: folder)
    let server = try FaultInjectingServer { _ in .chat("A square drifts to the right.") }
    defer { server.stop() }
    let run = try CommandRun.run(
      "describe",
      [
        "plan", "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin",
        "--frames", "2", "--measure", "2", "--json",
      ], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    struct Plan: Decodable {
      var videos: Int
      var requests: Int
      var imageTokens: Int
      var outputTokens: Int
      var measuredRequests: Int
      var hours: Double
    }
    let plan = try JSONDecoder().decode(Plan.self, from: Data(run.standardOutput.utf8))
    #expect((plan.videos, plan.requests, plan.measuredRequests) == (3, 3, 2))
    #expect(plan.imageTokens > 0 && plan.outputTokens == 3 * 160 && plan.hours > 0)
    let space = folder.file("workspaces/videos")
    let counts = try Workspace.open(at: space).openLedger().counts()
    #expect((counts.videos, counts.selections, counts.requests, counts.attempts) == (0, 0, 0, 0))
    for made in ["descriptions.jsonl", "selections"] {
      #expect(
        !FileManager.default.fileExists(atPath: space.appendingPathComponent(made).path), "\(made)")
    }
  }

  @Test func aPlanAfterAWholeRunWithLabelsHasNothingLeft() throws {
    let folder = try TemporaryFolder()
    for name in ["Burglary", "Normal"] {
      try FileManager.default.createDirectory(
        at: folder.file("videos/\(name)"), withIntermediateDirectories: true)
      try SmallDataset.clip(
        to: folder.file("videos/\(name)/\(name)1.mp4"), frames: 20, phase: name.count)
    }
    let server = try FaultInjectingServer { .chat("A square drifts, number \($0.index).") }
    defer { server.stop() }
    let labelled = ["--use-label", "--prompt", "describe-with-label"]
    let run = try describe(server, in: folder, labelled)
    #expect(run.exitCode == 0, "\(run.standardError)")
    func planned(_ more: [String]) throws -> CommandRun {
      try CommandRun.run(
        "describe",
        [
          "plan", "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin",
          "--frames", "2",
        ] + more, in: folder.url)
    }
    let plan = try planned(labelled)
    #expect(plan.standardOutput.contains("2 videos (2 done), 0 requests"), "\(plan)")
    // Without the label it is another question.
    let other = try planned(["--prompt", "describe-with-label"])
    #expect(other.standardOutput.contains("2 videos, 2 requests"), "\(other)")
    #expect(try planned(["--use-label"]).exitCode == 64)
  }

  private static func chatBody(_ text: String) -> Data {
    guard case .answer(_, _, let body) = FaultInjectingServerAnswer.chat(text) else {
      return Data()
    }
    return body
  }
}
