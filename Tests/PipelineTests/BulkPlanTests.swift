import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Testing
import Video
import Workspaces

@Suite struct BulkPlanTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Zero: ImageEncoder {
    var identity: EncoderIdentity { EncoderIdentity(kind: "test", model: "zero", dimension: 1) }
    func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
      Tensor(shape: [images.count, 1], repeating: 0)
    }
  }

  private func video(_ name: String, frames: Int) throws -> (id: String, path: String) {
    let path = folder.file("\(name).mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 30)
    for _ in 0..<frames { try writer.append(RGBImage(width: 64, height: 48, red: 9)) }
    try writer.finish()
    return (name, path)
  }

  @Test("images are snippets times frames times crops, of what is not done yet")
  func imagesAreCounted() throws {
    let store = try SnippetFeatureStore(
      root: folder.file("features"),
      encoder: CLIPSnippetEncoder(model: Zero(), pooling: .mean16, crops: .vadclip10))
    try Data("no video".utf8).write(to: folder.file("bad.mp4"))
    let videos = [
      try video("a", frames: 40), try video("b", frames: 64),
      (id: "bad", path: folder.file("bad.mp4").path),
    ]
    let before = try BulkPlan.features(videos, store: store, jobs: 2)
    #expect(before.images == (2 + 4) * 16 * 10)
    #expect(before.items == 3 && before.done == 0 && before.unreadable == 1)
    #expect(before.measuredImages == 16 && (before.imagesPerSecond ?? 0) > 0)
    #expect((before.hours ?? -1) >= 0 && before.line.contains("960 images"))
    _ = try store.prepare(
      id: "b", path: videos[1].path,
      contentHash: VideoFingerprint.measure(path: videos[1].path).hash)
    let after = try BulkPlan.features(videos, store: store, jobs: 2)
    #expect(after.images == 2 * 16 * 10 && after.done == 1)
    #expect(
      try JSONDecoder().decode(BulkPlan.self, from: JSONRecord.encode(after)) == after)
  }

  @Test("nothing left to do measures nothing and has no hours")
  func nothingLeftMeasuresNothing() throws {
    let store = try SnippetFeatureStore(
      root: folder.file("features"), encoder: CLIPSnippetEncoder(model: Zero()))
    let item = try video("a", frames: 20)
    _ = try store.prepare(
      id: item.id, path: item.path, contentHash: VideoFingerprint.measure(path: item.path).hash)
    let plan = try BulkPlan.features([item], store: store, jobs: 1)
    #expect(plan.images == 0 && plan.imagesPerSecond == nil && plan.hours == nil)
    #expect(plan.line == "features: 1 videos (1 done), 0 images")
  }
}
