import Datasets
import DemoData
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite(.blocking) struct JoinedDatasetTests {
  /// 30 clips of each kind, of `frames` frames; fights are red, the others green.
  private func clips(in folder: TemporaryFolder, frames: Int = 4, rate: Int = 10) throws -> URL {
    for (path, red) in [("fight/fi", UInt8(220)), ("noFight/nofi", UInt8(30))] {
      for number in 1...30 {
        let url = folder.file("clips/\(path)\(String(format: "%03d", number)).mp4")
        let writer = try VideoWriter(path: url.path, width: 64, height: 48, frameRate: rate)
        for _ in 0..<frames {
          try writer.append(RGBImage(width: 64, height: 48, red: red, green: 250 - red, blue: 40))
        }
        try writer.finish()
      }
    }
    return folder.file("clips")
  }

  private func plan(_ clips: ClipFolder) -> JoinPlan {
    JoinPlan(
      fights: clips.fights, others: clips.others, shuffle: 2, seed: 7,
      sizes: .init(training: 8, test: 2))
  }

  @Test("the table opens as a data set whose events show fights, at any number of threads")
  func joined() throws {
    let folder = try TemporaryFolder()
    let clips = try ClipFolder(try clips(in: folder))
    let one = folder.file("one")
    let two = folder.file("two")
    let summary = try JoinedDataset.write(plan(clips), of: clips, to: one, jobs: 1)
    #expect(try JoinedDataset.write(plan(clips), of: clips, to: two, jobs: 3) == summary)
    let names = try FileManager.default.subpathsOfDirectory(atPath: one.path).sorted()
    #expect(try FileManager.default.subpathsOfDirectory(atPath: two.path).sorted() == names)
    for name in names where name.contains(".") {
      #expect(
        try Data(contentsOf: one.appendingPathComponent(name))
          == Data(contentsOf: two.appendingPathComponent(name)), "\(name)")
    }
    // 4 frames of 10 a second are 10 of 25; 20 videos of six clips.
    #expect(summary.frames == 20 * 60 && summary.testFrames == 240)
    #expect(summary.trainingVideos == 16 && summary.testEventFrames == 30)

    let dataset = try DatasetCatalog.open(
      one.appendingPathComponent("videos.csv").path, resources: ResourceFolders.find())
    #expect(dataset.videos(split: "train").count == 16 && dataset.missingVideos.isEmpty)
    #expect(
      Set(dataset.videos(split: "train").compactMap(\.sceneID))
        == ["fifth1", "fifth3", "fifth4", "fifth5"])
    for video in dataset.videos {
      let annotation = try #require(dataset.annotations[video.id])
      #expect(annotation.events.isEmpty == (video.isAnomalous == false))
      let reader = try VideoReader(path: video.path)
      #expect(reader.info.width == 320 && reader.info.height == 240)
      while let frame = try reader.nextFrame() {
        let isFight = frame.image.pixels[0] > 128
        #expect(
          isFight == annotation.events.contains { $0.contains(frame.frameIndex) },
          "\(video.id), frame \(frame.frameIndex)")
      }
    }
    let rows = try String(contentsOf: one.appendingPathComponent("clips.csv"), encoding: .utf8)
      .split(separator: "\n")
    #expect(rows.count == 1 + 20 * 6 && rows[1].hasSuffix(",0,10"))
  }

  @Test("a clip is cut at 50 frames, and a slow one shows its frames longer")
  func length() throws {
    let folder = try TemporaryFolder()
    let clips = try ClipFolder(try clips(in: folder, frames: 70, rate: 30))
    var plan = plan(clips)
    let summary = try JoinedDataset.write(plan, of: clips, to: folder.file("out"))
    #expect(summary.frames == 20 * 6 * 50)
    plan = JoinPlan(
      fights: clips.fights, others: clips.others, shuffle: 1, seed: 7,
      sizes: .init(training: 4, test: 1))
    #expect(try JoinedDataset.write(plan, of: clips, to: folder.file("out")).frames == 10 * 300)
  }

  @Test("a folder without clips, or with few, is refused with what is expected")
  func refused() throws {
    let folder = try TemporaryFolder()
    let none = #expect(throws: DemoError.self) { try ClipFolder(folder.url) }
    #expect(none?.description.contains("fi*.mp4") == true)
    #expect(none?.failureKind == .unreadableInput)
    for number in 1...29 {
      try AtomicFile.write(Data(), to: folder.file("fight/fi\(number).mp4"))
    }
    let few = #expect(throws: DemoError.self) { try ClipFolder(folder.url) }
    #expect(few?.description.contains("29 clips; 30 are the fewest") == true)
  }
}
