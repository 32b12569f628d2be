import Datasets
import Descriptions
import Encoders
import Foundation
import KeyEvents
import Records
import Tensors
import TestSupport
import Testing
import Video
import Workspaces

@Suite("Key event frame source")
struct KeyEventFrameSourceTests {
  @Test("a selection is made once, stored in the workspace and read again with the same frames")
  func cached() throws {
    let folder = try TemporaryFolder()
    let path = try DescribingFixture.clip(frames: 30, in: folder)
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let video = DatasetVideo(id: "clip", path: path)
    let fingerprint = try VideoFingerprint.measure(path: path)
    func source(_ frames: Int) -> KeyEventFrameSource {
      KeyEventFrameSource(workspace: workspace, options: SelectionOptions(frames: frames)) { _ in
        NoveltyScorer()
      }
    }
    let first = try source(4).chosenFrames(of: video, fingerprint: fingerprint)
    let decoded = try #require(first.decoded)
    #expect(decoded.count == 4)
    #expect(
      first.selection.key == (try source(4).selectionKey(for: video, fingerprint: fingerprint)))
    let recordPath = try #require(first.selection.recordPath)
    let file = workspace.url(ofRelativePath: recordPath)
    let written = try Data(contentsOf: file)
    let again = try source(4).chosenFrames(of: video, fingerprint: fingerprint)
    #expect(again.decoded == nil)
    let frames = try source(4).frames(of: again, from: video, fingerprint: fingerprint)
    #expect(frames.map(\.image) == decoded.map(\.image))
    #expect(frames.map(\.timestampSeconds) == decoded.map(\.timestampSeconds))
    #expect(again.frameIndices == first.frameIndices)
    #expect(again.durationSeconds == first.durationSeconds)
    // A damaged record is replaced by the same record.
    try written.prefix(40).write(to: file)
    _ = try source(4).chosenFrames(of: video, fingerprint: fingerprint)
    #expect(try Data(contentsOf: file) == written)
    #expect(
      try source(5).selectionKey(for: video, fingerprint: fingerprint) != first.selection.key)
  }

  @Test("a piece of a video has the file's frames of its span, with times from its start")
  func piece() throws {
    let folder = try TemporaryFolder()
    let path = try DescribingFixture.clip(frames: 60, in: folder)
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let whole = DatasetVideo(id: "clip", path: path)
    let fingerprint = try VideoFingerprint.measure(path: path)
    let source = KeyEventFrameSource(
      workspace: workspace, options: SelectionOptions(frames: 4)
    ) { _ in NoveltyScorer() }
    let pieces = VideoSegment.pieces(of: "clip", durationSeconds: 6, segmentSeconds: 2)
    #expect(pieces.count == 3)
    var keys: Set<String> = [try source.selectionKey(for: whole, fingerprint: fingerprint)]
    for (place, segment) in pieces.enumerated() {
      let video = whole.piece(segment)
      let chosen = try source.chosenFrames(of: video, fingerprint: fingerprint)
      let frames = try source.frames(of: chosen, from: video, fingerprint: fingerprint)
      #expect(frames.count == 4 && frames.map(\.frameIndex) == chosen.frameIndices)
      #expect(abs(chosen.durationSeconds - 2) < 1e-6)
      let range = 20 * place..<20 * (place + 1)
      #expect(frames.allSatisfy { range.contains($0.frameIndex) })
      for frame in frames {
        let expected = Double(frame.frameIndex) / 10 - Double(2 * place)
        #expect(abs(frame.timestampSeconds - expected) < 1e-6)
      }
      let native = try VideoFrames.frames(at: frames.map(\.frameIndex), of: path)
      #expect(frames.map(\.image) == native.map(\.image))
      // Reading it again from its record gives the same frames.
      let again = try source.chosenFrames(of: video, fingerprint: fingerprint)
      let decodedAgain = try source.frames(of: again, from: video, fingerprint: fingerprint)
      #expect(decodedAgain.map(\.timestampSeconds) == frames.map(\.timestampSeconds))
      let record = try SelectionRecord.read(
        from: workspace.url(ofRelativePath: try #require(chosen.selection.recordPath)))
      #expect(record.video?.segmentStartSeconds == Double(2 * place))
      #expect(chosen.selection.videoID == segment.id)
      keys.insert(chosen.selection.key)
    }
    #expect(keys.count == 4)
  }

  @Test("the error of a piece beyond the last frame gives that frame's time")
  func beyondTheEnd() throws {
    let folder = try TemporaryFolder()
    let path = try DescribingFixture.clip(frames: 30, in: folder)
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let fingerprint = try VideoFingerprint.measure(path: path)
    let source = KeyEventFrameSource(workspace: workspace) { _ in NoveltyScorer() }
    let segment = VideoSegment(videoID: "clip", startSeconds: 8, endSeconds: 12, isLast: true)
    let error = #expect(throws: KeyEventError.self) {
      try source.chosenFrames(
        of: DatasetVideo(id: "clip", path: path).piece(segment), fingerprint: fingerprint)
    }
    #expect(error?.description.contains("the last one is at 2.9 s") == true)
  }

  @Test("other normal prompts make another selection, as other wanted prompts do")
  func unwantedPromptsAreInTheKey() throws {
    let folder = try TemporaryFolder()
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let video = DatasetVideo(id: "clip", path: "/clip.mp4")
    func key(_ queries: RelevanceQueries) throws -> String {
      let scorer = try CLIPRelevanceScorer(
        imageEncoder: FlatEncoder(), textEncoder: FlatEncoder(), queries: queries)
      return try KeyEventFrameSource(workspace: workspace) { _ in scorer }
        .selectionKey(for: video, fingerprint: .unmeasured)
    }
    let first = try key(RelevanceQueries(wanted: ["a fight"], unwanted: ["a street"]))
    #expect(try key(RelevanceQueries(wanted: ["a fight"], unwanted: ["a street"])) == first)
    #expect(try key(RelevanceQueries(wanted: ["a fight"], unwanted: ["a room"])) != first)
    #expect(try key(RelevanceQueries(wanted: ["a fight"], neutral: ["a street"])) != first)
  }
}

/// An encoder that encodes everything alike.
private struct FlatEncoder: VisionLanguageEncoder {
  let identity = EncoderIdentity(kind: "test", model: "flat", dimension: 2)
  let maximumTokens: Int? = nil
  func tokenCount(of text: String) throws -> Int { 1 }
  func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
    Tensor(shape: [images.count, 2], scalars: images.flatMap { _ in [1, 0] })
  }
  func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    Tensor(shape: [texts.count, 2], scalars: texts.flatMap { _ in [1, 0] })
  }
}
