import Foundation
import TestSupport
import Testing

@Suite(.blocking) struct EmbeddingCacheCommandTests {
  private struct Record: Decodable {
    struct Counts: Decodable, Equatable {
      var encoded: Int
      var cached: Int
      var reused: Int
    }
    struct Candidates: Decodable {
      var encoding: Counts?
      var timestampSeconds: [Double]
    }
    var candidates: Candidates
  }

  /// The tiny CLIP of the Encoders' goldens: random weights, 24-d.
  private let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/clip").path

  private func select(_ arguments: [String], in folder: TemporaryFolder) throws -> Record {
    let run = try CommandRun.run(
      "kess", ["select", "a.mp4", "--clip-model", model, "--json"] + arguments, in: folder.url,
      environment: ["XDG_CACHE_HOME": folder.file("cache").path])
    #expect(run.exitCode == 0, "\(run.standardError)")
    return try JSONDecoder().decode(Record.self, from: Data(run.standardOutput.utf8))
  }

  @Test("a second query on the same video encodes no image; without the cache it does")
  func aSecondQueryEncodesNothing() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 96)
    let first = try select(["--query", "a fight"], in: folder)
    let count = first.candidates.timestampSeconds.count
    #expect(first.candidates.encoding == Record.Counts(encoded: count, cached: 0, reused: 0))
    let second = try select(["--query", "an explosion", "--strategy", "topk"], in: folder)
    #expect(second.candidates.encoding == Record.Counts(encoded: 0, cached: count, reused: 0))
    let without = try select(["--query", "a fight", "--no-cache"], in: folder)
    #expect(without.candidates.encoding == Record.Counts(encoded: count, cached: 0, reused: 0))
    let elsewhere = try select(["--query", "a fight", "--cache", "other"], in: folder)
    #expect(elsewhere.candidates.encoding?.encoded == count)
  }

  @Test("--skip-static is off by default, and on it takes a still picture's embedding again")
  func aStillPictureIsEncodedOnce() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("a.mp4"), frames: 96)
    #expect(try select(["--query", "x"], in: folder).candidates.encoding?.reused == 0)
    let still = try select(
      ["--query", "x", "--skip-static", "--static-bound", "255", "--no-cache"], in: folder)
    let counts = try #require(still.candidates.encoding)
    #expect(counts.encoded == 1)
    #expect(counts.reused == still.candidates.timestampSeconds.count - 1)
  }
}
