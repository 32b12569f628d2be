import Foundation
import TestSupport
import Testing
import Workspaces

/// `describe` beside the simple Python client of `Benchmarks/describe_openai.py`, both
/// through the same mixture of faults: a measurement, run where KESS_BENCH_PYTHON names
/// a Python with the openai package.
@Suite(.enabled(if: python != nil), .serialized, .blocking)
struct DescribePeerBench {
  /// What became of the videos.
  private struct Tally: CustomStringConvertible {
    var right = 0
    var markedWrong = 0
    var unmarkedWrong = 0
    var failedWithCause = 0
    var gone = 0
    var seconds = 0.0

    var description: String {
      "\(right) right, \(markedWrong) wrong and marked, \(unmarkedWrong) wrong and not marked, "
        + "\(failedWithCause) failed with a cause, \(gone) gone; "
        + String(format: "%.0f s", seconds)
    }
  }

  private static func truth(_ request: FaultInjectingServerRequest) -> String {
    // The pictures decide, so that two clients are told the same.
    let body = String(decoding: request.body, as: UTF8.self)
    let number = body.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % 90_000 + 10_000
    return "Person \(number) meets \(number / 3) others near gate \(number / 7), then leaves by "
      + "car \(number / 11) for town \(number / 13)."
  }

  private static func isRight(_ text: String) -> Bool {
    text.hasPrefix("Person ") && text.hasSuffix(".") && text.contains(" for town ")
  }

  private static func server(_ mixture: FaultMixture) throws -> FaultInjectingServer {
    try FaultInjectingServer(models: []) {
      mixture.answer($0, text: truth($0), promptTokens: 100)
    }
  }

  @Test func bothGoThroughTheSameMixture() throws {
    let count = 300
    let bench = try DescribeBench(videos: count)
    let started = Date()
    let ourFaults = FaultMixture(seed: 5, share: 0.25)
    ourFaults.isOn = true
    let ourServer = try Self.server(ourFaults)
    defer { ourServer.stop() }
    let run = try bench.describe(
      ourServer,
      [
        "--concurrency", "8", "--first-byte-timeout", "3",
        "--progress-timeout", "3",
      ])
    var ours = Tally(seconds: Date().timeIntervalSince(started))
    let ledger = try Ledger(at: bench.folder.file("workspaces/videos/ledger.sqlite"))
    for description in try ledger.descriptions() {
      if Self.isRight(description.text) {
        ours.right += 1
      } else if description.findings?.isEmpty == false || description.status == .truncated {
        ours.markedWrong += 1
      } else {
        ours.unmarkedWrong += 1
      }
    }
    ours.failedWithCause = try ledger.failures().count { failure in
      try ledger.attempts(videoID: failure.videoID).last?.cause != nil
    }
    ours.gone =
      count - ours.right - ours.markedWrong - ours.unmarkedWrong - ours.failedWithCause
    #expect(ours.gone == 0, "\(run.standardError.suffix(400))")

    let theirFaults = FaultMixture(seed: 5, share: 0.25)
    theirFaults.isOn = true
    let theirServer = try Self.server(theirFaults)
    defer { theirServer.stop() }
    let out = bench.folder.file("python.jsonl")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Benchmarks/describe_openai.py").standardizedFileURL.path
    let theirStart = Date()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python ?? "")
    process.arguments = [
      script, theirServer.base, "fake",
      bench.folder.file("workspaces/videos/selections").path, out.path, "8", "3",
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    struct Line: Decodable { var text: String? }
    var theirs = Tally(seconds: Date().timeIntervalSince(theirStart))
    for line in try String(contentsOf: out, encoding: .utf8).split(separator: "\n") {
      let text = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).text ?? ""
      if Self.isRight(text) { theirs.right += 1 } else { theirs.unmarkedWrong += 1 }
    }
    theirs.gone = count - theirs.right - theirs.unmarkedWrong
    print("describe:             \(ours)")
    print("openai package:       \(theirs)")
  }
}

private let python = ProcessInfo.processInfo.environment["KESS_BENCH_PYTHON"]
