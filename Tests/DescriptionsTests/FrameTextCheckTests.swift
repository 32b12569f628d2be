import Descriptions
import Encoders
import Foundation
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video
import Workspaces

@Suite("Frame and text comparison")
struct FrameTextCheckTests {
  /// Encodes every picture alike. A text with "fog" is far from it, others are near it, each
  /// at a slightly different angle.
  private struct TwoWayEncoder: VisionLanguageEncoder {
    let identity = EncoderIdentity(kind: "test", model: "two-way", dimension: 2)
    let maximumTokens: Int? = nil
    var isBroken = false

    struct Broken: Error {}

    func tokenCount(of text: String) throws -> Int { 1 }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      Tensor(shape: [images.count, 2], scalars: images.flatMap { _ in [3, 0] })
    }
    func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
      if isBroken { throw Broken() }
      return Tensor(
        shape: [texts.count, 2],
        scalars: texts.flatMap { text -> [Float] in
          let angle =
            text.contains("fog") ? 1.2 : 0.3 + 0.01 * Double(text.filter(\.isNumber).count)
          return [Float(2 * cos(angle)), Float(2 * sin(angle))]
        })
    }
  }

  private func run(
    _ videos: FakeVideos, _ server: FaultInjectingServer, encoder: TwoWayEncoder,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> (DescribeSummary, Ledger) {
    let workspace = try Workspace.create(
      at: videos.folder.appendingPathComponent("workspace"), dataset: "fake", root: nil)
    let ledger = try workspace.openLedger()
    let run = DescribeRun(
      workspace: workspace, ledger: ledger,
      describer: try await DescribingFixture.connect(server), source: videos,
      prompt: try DescribingFixture.prompt(), jobs: 3,
      frameCheck: FrameTextCheck(encoder: encoder))
    return (try await run.run(videos.videos, warn: warn), ledger)
  }

  /// Words that are not near-duplicates of another answer's.
  private static func words(_ index: Int) -> String {
    (0..<8).map { "word\(index)\(["a", "b", "c", "d"][$0 % 4])\($0)" }.joined(separator: " ")
  }

  @Test("a description far below the others has the finding in ledger, summary and export")
  func outlier() async throws {
    let server = try FaultInjectingServer { request in
      .chat(request.index == 7 ? "Dense fog over a harbour." : Self.words(request.index))
    }
    defer { server.stop() }
    let videos = try FakeVideos(24)
    let (summary, ledger) = try await run(videos, server, encoder: TwoWayEncoder())
    #expect(summary.done == 24 && summary.unlikeFrames == 1)
    let lines = try DescriptionExport.lines(of: ledger)
    let found = lines.filter { $0.findings.contains(.unlikeFrames) }
    #expect(found.map(\.text) == ["Dense fog over a harbour."])
    #expect(abs(try #require(found[0].frameSimilarity) - cos(1.2)) < 1e-6)
    #expect(lines.allSatisfy { $0.similarityEncoder == "test two-way (2-d)" })
    #expect(lines.allSatisfy { (-1...1).contains($0.frameSimilarity ?? 2) })
    let export = videos.folder.appendingPathComponent("workspace/descriptions.jsonl")
    #expect(try String(contentsOf: export, encoding: .utf8).contains("unlikeFrames"))
    #expect(try ExportCheck.run(ledger, file: export).isClean)
  }

  @Test("few descriptions are not judged, and an encoder that fails costs no answer")
  func notJudged() async throws {
    let server = try FaultInjectingServer { request in
      .chat(request.index == 3 ? "Dense fog over a harbour." : Self.words(request.index))
    }
    defer { server.stop() }
    let (summary, ledger) = try await run(FakeVideos(10), server, encoder: TwoWayEncoder())
    #expect(summary.done == 10 && summary.unlikeFrames == 0)
    #expect(try ledger.frameSimilarities().count == 10)
    let warnings = Mutex<[String]>([])
    let (broken, without) = try await run(
      FakeVideos(10), server, encoder: TwoWayEncoder(isBroken: true)
    ) { text in warnings.withLock { $0.append(text) } }
    #expect(broken.done == 10 && broken.failed == 0)
    #expect(try without.frameSimilarities().isEmpty)
    #expect(warnings.withLock { $0 }.filter { $0.contains("without a comparison") }.count == 1)
  }

  @Test("the finding is removed when it no longer applies")
  func goes() async throws {
    let server = try FaultInjectingServer { request in .chat(Self.words(request.index)) }
    defer { server.stop() }
    let videos = try FakeVideos(22)
    let (_, ledger) = try await run(videos, server, encoder: TwoWayEncoder())
    let one = try #require(try ledger.frameSimilarities().first)
    try ledger.setFinding(.unlikeFrames, true, of: [one.place])
    #expect(try ledger.frameSimilarities().filter(\.isUnlikeFrames).count == 1)
    // A run that has nothing to ask updates the findings too.
    let (summary, _) = try await run(videos, server, encoder: TwoWayEncoder())
    #expect(summary.skipped == 22 && summary.unlikeFrames == 0)
    #expect(try ledger.frameSimilarities().filter(\.isUnlikeFrames).isEmpty)
  }
}
