import Datasets
import Descriptions
import Foundation
import KeyEvents
import TestSupport
import Testing
import Video
import Workspaces

@Suite("Key event frame source")
struct KeyEventFrameSourceTests {
  @Test("a selection is made once, kept in the workspace and read again with the same frames")
  func cached() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("clip.mp4").path
    let writer = try VideoWriter(path: path, width: 96, height: 64, frameRate: 10)
    for frame in 0..<30 { try writer.append(DescribingFixture.image(frame, width: 96, height: 64)) }
    try writer.finish()
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let video = DatasetVideo(id: "clip", path: path)
    let fingerprint = try VideoFingerprint.measure(path: path)
    func source(_ frames: Int) -> KeyEventFrameSource {
      KeyEventFrameSource(workspace: workspace, options: SelectionOptions(frames: frames)) { _ in
        NoveltyScorer()
      }
    }
    let first = try source(4).frames(for: video, fingerprint: fingerprint)
    #expect(first.frames.count == 4)
    #expect(
      first.selection.key == (try source(4).selectionKey(for: video, fingerprint: fingerprint)))
    let recordPath = try #require(first.selection.recordPath)
    let file = workspace.url(ofRelativePath: recordPath)
    let written = try Data(contentsOf: file)
    let again = try source(4).frames(for: video, fingerprint: fingerprint)
    #expect(again.frames.map(\.image) == first.frames.map(\.image))
    #expect(again.frames.map(\.timestampSeconds) == first.frames.map(\.timestampSeconds))
    #expect(again.durationSeconds == first.durationSeconds)
    // A damaged record is made again, the same.
    try written.prefix(40).write(to: file)
    _ = try source(4).frames(for: video, fingerprint: fingerprint)
    #expect(try Data(contentsOf: file) == written)
    #expect(
      try source(5).selectionKey(for: video, fingerprint: fingerprint) != first.selection.key)
  }
}
