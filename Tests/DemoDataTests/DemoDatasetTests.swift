import Datasets
import DemoData
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite(.blocking) struct DemoDatasetTests {
  func files(below folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `a rendering is the same bytes at any number of threads and opens as UCF-Crime does`()
    throws
  {
    let folder = try TemporaryFolder()
    let one = folder.file("one")
    let two = folder.file("two")
    let summary = try DemoDataset.render(to: one, seed: 5, clips: 4, jobs: 1)
    #expect(try DemoDataset.render(to: two, seed: 5, clips: 4, jobs: 3) == summary)
    let names = try files(below: one)
    #expect(try files(below: two) == names)
    #expect(names.contains("README.txt"))
    for name in names where name.contains(".") {
      #expect(
        try Data(contentsOf: one.appendingPathComponent(name))
          == Data(contentsOf: two.appendingPathComponent(name)), "\(name)")
    }

    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let descriptor = try DatasetDescriptorFile.read(
      source.appendingPathComponent("Datasets/demo.yaml"))
    let dataset = try DatasetCatalog.open(descriptor, root: one.path)
    #expect(dataset.videos.count == 4 && dataset.isLabelled)
    #expect(dataset.missingVideos.isEmpty && dataset.ignoredFileCount == 1)
    let training = Set(dataset.videos(split: "train").compactMap(\.sceneID))
    let test = dataset.videos(split: "test")
    #expect(test.count == 2 && training.isDisjoint(with: test.compactMap(\.sceneID)))
    for video in test {
      let annotation = try #require(dataset.annotations[video.id])
      let reader = try VideoReader(path: video.path)
      var frames = 0
      while try reader.skipFrame() != nil { frames += 1 }
      #expect(reader.info.width == 320 && reader.info.height == 240)
      #expect((208...272).contains(frames))
      #expect(annotation.events.isEmpty == (video.isAnomalous == false))
      for event in annotation.events {
        #expect(event.lowerBound > 0 && event.upperBound <= frames && event.count >= 40)
      }
    }
    #expect(dataset.annotations.count == 2)

    // Another rendering into the folder replaces the first.
    try DemoDataset.render(to: one, seed: 6, clips: 4)
    #expect(try files(below: one).filter { $0.hasSuffix(".mp4") }.count == 4)
  }

  @Test func `a folder that holds something else is left alone`() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Data("mine".utf8), to: folder.file("diary.txt"))
    #expect {
      try DemoDataset.render(to: folder.url, seed: 1, clips: 4)
    } throws: {
      "\($0)".contains("holds 'diary.txt', which is no demo data")
    }
    #expect(throws: DemoError.self) {
      try DemoDataset.render(to: folder.file("diary.txt"), seed: 1, clips: 4)
    }
    #expect(throws: DemoError.self) {
      try DemoDataset.render(to: folder.file("new"), seed: 1, clips: 3)
    }
    #expect(FileManager.default.fileExists(atPath: folder.file("diary.txt").path))
  }
}
