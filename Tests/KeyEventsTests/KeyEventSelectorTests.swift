import Encoders
import Foundation
import KeyEvents
import Records
import TestSupport
import Testing
import Video

@Suite struct KeyEventSelectorTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A clip in which a square walks and, for a second, another one shakes.
  private func clip(
    seconds: Double, frameRate: Int, burst: Range<Double> = 0..<0
  ) throws -> String {
    let scene = MovingScene(width: 96, height: 72)
    let path = folder.file("clip\(frameRate)-\(seconds).mp4").path
    let writer = try VideoWriter(path: path, width: 96, height: 72, frameRate: frameRate)
    for place in 0..<Int(seconds * Double(frameRate)) {
      let time = Double(place) / Double(frameRate)
      let shakes = burst.contains(time)
      let squares: [MovingScene.Square] = [
        .init(x: 5 + 5 * time, y: 45, side: 12),
        .init(
          x: 60 + (shakes ? 5 * sin(time * 19) : 0), y: 20 + (shakes ? 5 * cos(time * 23) : 0),
          side: 16),
      ]
      try writer.append(
        RGBImage(
          width: 96, height: 72, pixels: scene.pixels(squares, noise: 1.5, frame: place)))
    }
    try writer.finish()
    return path
  }

  private func select(
    _ path: String, _ frames: Int, strategy: SelectionStrategy = .kess
  ) throws -> KeyEventSelection {
    try KeyEventSelector.select(
      path: path, options: SelectionOptions(frames: frames, strategy: strategy),
      scorer: NoveltyScorer())
  }

  @Test func `8 frames asked of a 5-second clip are 8 distinct frames in time order`() throws {
    let path = try clip(seconds: 5, frameRate: 10)
    for strategy in SelectionStrategy.allCases
    where strategy.alwaysGivesCount && !strategy.needsEmbeddings {
      let record = try select(path, 8, strategy: strategy).record
      let indices = record.frames.compactMap(\.frameIndex)
      #expect(indices.count == 8 && Set(indices).count == 8 && indices == indices.sorted())
      // 4 * 8 / 5 = 6.4 candidates a second.
      #expect(record.candidates.timestampSeconds.count == 32)
    }
  }

  @Test func `as many frames as the video has, where more are asked for`() throws {
    let path = try clip(seconds: 2, frameRate: 4)
    let record = try select(path, 30).record
    #expect(record.frames.map(\.frameIndex) == Array(0..<8))
    #expect(record.candidates.perSecond == 4)
  }

  @Test func `the peak is chosen where the burst is`() throws {
    let path = try clip(seconds: 12, frameRate: 12, burst: 7..<8)
    let selection = try select(path, 6)
    let record = selection.record
    let peak = try #require(record.frames.first { $0.role == .peak })
    #expect((6.8...8.2).contains(peak.timestampSeconds))
    #expect(record.events.count == 1)
    let video = try #require(record.video)
    #expect(video.indexedFrameCount == 144 && video.decodableFrameCount == nil)
    #expect(video.claimedFrameCount == 144 && video.undecodableFrames.isEmpty)
    #expect(abs(video.durationSeconds - 12) < 0.01)
    #expect(try video.contentHash == VideoFingerprint.measure(path: path).hash)
    #expect(video.contentHashRule == VideoFingerprint.hashRule && video.sha256 == nil)
    #expect(record.gate == nil && record.segmentation.contains("PELT"))
    #expect(record.scorer.kind == "builtin" && record.queries.isEmpty)
    #expect(try select(path, 6).record == record)
  }

  @Test func `a frame's container time is its timestamp in ticks of the time base`() throws {
    let record = try select(clip(seconds: 3, frameRate: 10), 4).record
    let base = try #require(record.video?.timeBase).split(separator: "/").compactMap {
      Double($0)
    }
    #expect(base.count == 2)
    let ticks = record.frames.compactMap(\.pts)
    #expect(ticks.count == 4)
    for (frame, ticks) in zip(record.frames, ticks) {
      #expect(abs(Double(ticks) * base[0] / base[1] - frame.timestampSeconds) < 1e-6)
    }
    #expect(
      record.frames.map(\.pts) == record.frames.map { record.candidates.pts?[$0.candidateIndex] })
  }

  @Test func `the pictures are the video's frames at the record's indices and times`() throws {
    let path = try clip(seconds: 3, frameRate: 10)
    let selection = try select(path, 4)
    let reader = try VideoReader(path: path)
    var all: [VideoFrame] = []
    while let frame = try reader.nextFrame() { all.append(frame) }
    for (entry, frame) in zip(selection.record.frames, selection.frames) {
      #expect(frame.frameIndex == entry.frameIndex)
      #expect(frame.image == all[frame.frameIndex].image)
      #expect(entry.timestampSeconds == all[frame.frameIndex].timestampSeconds)
    }
  }

  @Test func `no frames and a spread out of range are refused before the video is opened`() {
    #expect(throws: KeySelectionError.self) { try select("/no/such.mp4", 0) }
    #expect(throws: KeySelectionError.self) {
      try KeyEventSelector.select(
        path: "/no/such.mp4",
        options: SelectionOptions(parameters: SelectionParameters(spread: -1)),
        scorer: NoveltyScorer())
    }
    #expect(throws: VideoError.self) { try select("/no/such.mp4", 3) }
  }

  @Test func `the writer leaves JPEGs, a contact sheet and the record`() throws {
    let path = try clip(seconds: 3, frameRate: 10)
    var selection = try select(path, 3)
    let output = try SelectionWriter(folder: folder.file("out")).write(&selection, name: "walk")
    #expect(output.images.count == 3)
    #expect(output.record.lastPathComponent == "walk.selection.json")
    for (url, entry) in zip(output.images, selection.record.frames) {
      let image = try JPEGCodec.decode(Data(contentsOf: url), name: url.path)
      #expect(image.width == 96 && image.height == 72)
      #expect(entry.image == url.lastPathComponent)
    }
    let sheet = try JPEGCodec.decode(
      Data(contentsOf: output.contactSheet), name: output.contactSheet.path)
    #expect(sheet.width > 600)
    #expect(try SelectionRecord.read(from: output.record) == selection.record)
  }

  @Test func `the record has the documented keys, and null where there is no value`() throws {
    let path = try clip(seconds: 2, frameRate: 10)
    var record = try select(path, 2).record
    record.frames[0].relevance = nil
    let object = try #require(
      JSONSerialization.jsonObject(with: JSONRecord.encode(record)) as? [String: Any])
    for key in [
      "frames", "objective", "strategy", "scorer", "queries", "video", "format", "parameters",
      "segmentation", "rolePlan", "notes", "candidates", "events", "requestedFrames",
    ] {
      #expect(object[key] != nil, "\(key)")
    }
    let frames = try #require(object["frames"] as? [[String: Any]])
    #expect(
      Set(frames[0].keys) == [
        "candidateIndex", "frameIndex", "pts", "timestampSeconds", "relevance", "role", "event",
        "prompt", "reason", "image",
      ])
    #expect(frames[0]["relevance"] is NSNull && frames[1]["relevance"] is Double)
  }

  @Test func `a record of another format is refused with the remedy`() throws {
    let url = folder.file("old.selection.json")
    try Data(#"{"format": 1}"#.utf8).write(to: url)
    #expect(throws: RecordError.self) { try SelectionRecord.read(from: url) }
  }
}
