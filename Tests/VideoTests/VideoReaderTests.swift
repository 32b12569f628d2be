import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct VideoReaderTests {
  @Test(arguments: VideoFixtures.names)
  func framesSizesAndTimesEqualFFmpegsOwn(name: String) throws {
    let expected = try #require(VideoFixtures.load().files[name])
    let reader = try VideoReader(path: VideoFixtures.path(name))
    #expect(reader.info.width == expected.width && reader.info.height == expected.height)
    #expect(reader.info.codec == expected.codec)
    var times: [Double] = []
    var bytes: [UInt8] = []
    var pictures: [RGBImage] = []
    while let frame = try reader.nextFrame() {
      #expect(frame.frameIndex == times.count)
      #expect(frame.image.width == expected.width && frame.image.height == expected.height)
      times.append(frame.timestampSeconds)
      bytes += frame.image.pixels
      pictures.append(frame.image)
    }
    #expect(times.count == expected.times.count)
    #expect(reader.decodedFrameCount == expected.times.count)
    for (index, (time, claimed)) in zip(times, expected.times).enumerated() {
      // Where the file gives no time, the average rate (10 a second) goes on.
      let wanted = claimed ?? (index == 0 ? 0 : times[index - 1] + 0.1)
      #expect(abs(time - wanted) < 2e-6, "\(name) frame \(index)")
    }
    #expect(gridDifference(colourGrid(try #require(pictures.first)), expected.first) < 0.75)
    #expect(gridDifference(colourGrid(try #require(pictures.last)), expected.last) < 0.75)
    // MPEG-4 part 2 leaves the inverse transform's rounding to the decoder.
    if name != "mpeg4.avi" { #expect(digest(bytes) == expected.sha256) }
  }

  @Test func colourTagsDecideTheMatrixAndTheRange() throws {
    // The same picture in three encodings; read wrongly they differ by 10 and more.
    let fixtures = try VideoFixtures.load().files
    let plain = try #require(fixtures["b-frames.mp4"]?.first)
    for name in ["bt709.mp4", "bt709-full.mp4"] {
      let frame = try #require(try VideoReader(path: VideoFixtures.path(name)).nextFrame())
      #expect(gridDifference(colourGrid(frame.image), plain) < 8, "\(name)")
    }
  }

  @Test func anotherSizeInMidStreamIsScaledToTheFirst() throws {
    let reader = try VideoReader(path: VideoFixtures.path("two-sizes.h264"))
    var count = 0
    while let frame = try reader.nextFrame() {
      #expect(frame.image.width == 96 && frame.image.height == 64)
      count += 1
    }
    #expect(count == 20)
    #expect(reader.warnings.contains { $0.contains("10 frames of another size") })
  }

  @Test func threadsDoNotChangeTheFrames() throws {
    for name in ["b-frames.mp4", "h264.mkv", "ten-bit.mp4"] {
      let one = try VideoReader(path: VideoFixtures.path(name))
      let three = try VideoReader(path: VideoFixtures.path(name), threads: 3)
      while let frame = try one.nextFrame() {
        let other = try three.nextFrame()
        #expect(other?.image == frame.image)
        #expect(other?.timestampSeconds == frame.timestampSeconds)
      }
      #expect(try three.nextFrame() == nil)
    }
  }

  @Test func skippingKeepsIndicesAndTimes() throws {
    let path = VideoFixtures.path("b-frames.mp4")
    let all = try VideoFrames.timestamps(of: path)
    let reader = try VideoReader(path: path)
    for index in 0..<10 {
      let skipped = try #require(try reader.skipFrame())
      #expect(skipped.frameIndex == index && skipped.timestampSeconds == all[index])
    }
    let frame = try #require(try reader.nextFrame())
    #expect(frame.frameIndex == 10)
    let direct = try VideoFrames.frames(at: [10], of: path)
    #expect(direct[0].image == frame.image)
  }

  @Test func afterTheEndThereIsNothingMore() throws {
    let reader = try VideoReader(path: VideoFixtures.path("turned-90.mp4"))
    while try reader.skipFrame() != nil {}
    #expect(try reader.nextFrame() == nil)
    #expect(try reader.skipFrame() == nil)
    #expect(reader.decodedFrameCount == 10)
  }

  @Test func scalingFollowsTheDisplayedSize() throws {
    let path = VideoFixtures.path("turned-90.mp4")
    let small = try #require(
      try VideoReader(path: path, scaledTo: .longestSide(48)).nextFrame()?.image)
    #expect(small.width == 32 && small.height == 48)
    let exact = try #require(
      try VideoReader(path: path, scaledTo: .exact(width: 30, height: 20)).nextFrame()?.image)
    #expect(exact.width == 30 && exact.height == 20)
    let native = try #require(try VideoReader(path: path).nextFrame()?.image)
    // Not equal: here colour is scaled from its own half-size planes.
    #expect(meanDifference(native.resized(width: 32, height: 48), small) < 7)
    #expect(try VideoReader(path: path, scaledTo: .longestSide(900)).nextFrame()?.image == native)
  }

  @Test func scalingSizesKeepTheAspectAndNeverEnlarge() {
    #expect(VideoScaling.longestSide(320).size(width: 640, height: 272) == (320, 136))
    #expect(VideoScaling.longestSide(100).size(width: 90, height: 33) == (90, 33))
    #expect(VideoScaling.longestSide(10).size(width: 4000, height: 3) == (10, 1))
    #expect(VideoScaling.native.size(width: 5, height: 7) == (5, 7))
  }

  @Test func manyReadersRunAtOnce() async throws {
    let path = VideoFixtures.path("variable-rate.mp4")
    let reference = try VideoFrames.frames(at: [18], of: path)[0].image
    let results = await withTaskGroup(of: RGBImage?.self) { group in
      for _ in 0..<8 {
        group.addTask { try? VideoFrames.frames(at: [18], of: path)[0].image }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 8 && results.allSatisfy { $0 == reference })
  }
}
