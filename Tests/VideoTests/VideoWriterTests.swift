import Foundation
import Records
import TestSupport
import Testing
import Video

/// Clips that tests make: a gray ramp with a bright square that moves right.
enum TestClip {
  static func frame(_ index: Int, width: Int = 96, height: Int = 64) -> RGBImage {
    var image = RGBImage(width: width, height: height, red: 40, green: 60, blue: 90)
    for y in 20..<36 {
      for x in (index * 2)..<(index * 2 + 16) where x < width {
        image.pixels[(y * width + x) * 3] = 230
        image.pixels[(y * width + x) * 3 + 1] = 200
        image.pixels[(y * width + x) * 3 + 2] = 30
      }
    }
    return image
  }

  static func write(
    to url: URL, frames: Int = 24, width: Int = 96, height: Int = 64, frameRate: Int = 12,
    crf: Int = 18, keyFrameInterval: Int = 8
  ) throws {
    let writer = try VideoWriter(
      path: url.path, width: width, height: height, frameRate: frameRate, quality: crf,
      keyFrameInterval: keyFrameInterval)
    for index in 0..<frames { try writer.append(frame(index, width: width, height: height)) }
    try writer.finish()
  }
}

/// The mean absolute difference of two pictures' samples.
func meanDifference(_ a: RGBImage, _ b: RGBImage) -> Double {
  guard a.width == b.width, a.height == b.height else { return .infinity }
  let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  return Double(sum) / Double(a.pixels.count)
}

@Suite struct VideoWriterTests {
  @Test func whatIsWrittenComesBack() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("clip.mp4")
    try TestClip.write(to: url)
    let reader = try VideoReader(path: url.path)
    #expect(reader.info.width == 96 && reader.info.height == 64)
    #expect(reader.info.codec == "h264" && reader.info.container == "mp4")
    #expect(reader.info.averageFrameRate == 12)
    #expect(reader.info.durationSeconds == 2)
    #expect(!reader.info.hasAudio)
    var count = 0
    while let frame = try reader.nextFrame() {
      #expect(frame.frameIndex == count)
      #expect(abs(frame.timestampSeconds - Double(count) / 12) < 1e-9)
      #expect(meanDifference(frame.image, TestClip.frame(count)) < 3)
      count += 1
    }
    #expect(count == 24)
    #expect(reader.decodedFrameCount == 24)
    #expect(reader.info.claimedFrameCount == 24)
    #expect(reader.warnings.isEmpty, "\(reader.warnings)")
  }

  @Test func theSameFramesGiveTheSameBytes() throws {
    let folder = try TemporaryFolder()
    try TestClip.write(to: folder.file("a.mp4"))
    try TestClip.write(to: folder.file("b.mp4"))
    #expect(try Data(contentsOf: folder.file("a.mp4")) == Data(contentsOf: folder.file("b.mp4")))
  }

  #if canImport(Glibc)
    @Test func whatMemoryHeldBeforeIsNotInTheBytes() throws {
      let perturb: Int32 = -6  // M_PERTURB: the allocator fills what it hands out.
      let symbol = try #require(dlsym(nil, "mallopt"))
      let mallopt = unsafeBitCast(
        symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      defer { _ = mallopt(perturb, 0) }
      let folder = try TemporaryFolder()
      var generator = SeededGenerator(seed: 3)
      let wide = (0..<360 * 260 * 3).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 59) }
      let frames = (0..<20).map { index in
        var image = TestClip.frame(index, width: 320, height: 240)
        for y in 0..<240 {
          let start = ((y + index) * 360 + index * 2) * 3
          for x in 0..<320 * 3 { image.pixels[y * 960 + x] &+= wide[start + x] >> 1 }
        }
        return image
      }
      var first: Data?
      for fill in [Int32(0), 1, 2, 3, 33, 77, 85, 170, 200, 254] {
        _ = mallopt(perturb, fill)
        let url = folder.file("\(fill).mp4")
        let writer = try VideoWriter(
          path: url.path, width: 320, height: 240, frameRate: 20, quality: 27)
        for frame in frames { try writer.append(frame) }
        try writer.finish()
        let bytes = try Data(contentsOf: url)
        if let first { #expect(bytes == first, "memory filled by \(fill)") } else { first = bytes }
      }
    }
  #endif

  @Test func nothingIsLeftByAWriterThatDoesNotFinish() throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try VideoWriter(
        path: folder.file("x.mp4").path, width: 96, height: 64, frameRate: 12)
      for index in 0..<60 { try writer.append(TestClip.frame(index)) }
      #expect(!FileManager.default.fileExists(atPath: folder.file("x.mp4").path))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func aFinishedFileIsAloneInItsFolder() throws {
    let folder = try TemporaryFolder()
    try TestClip.write(to: folder.file("made/here.mp4"), frames: 3)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("made").path)
        == ["here.mp4"])
  }

  @Test func oddSizesAndNoFramesAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: VideoError.self) {
      try VideoWriter(path: folder.file("o.mp4").path, width: 95, height: 64, frameRate: 12)
    }
    let writer = try VideoWriter(
      path: folder.file("n.mp4").path, width: 96, height: 64, frameRate: 12)
    #expect(throws: VideoError.self) { try writer.finish() }
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let folder = try TemporaryFolder()
    try Data("x".utf8).write(to: folder.file("file"))
    let path = folder.file("file/clip.mp4").path
    do {
      _ = try VideoWriter(path: path, width: 96, height: 64, frameRate: 12)
      Issue.record("no error")
    } catch let error as VideoError {
      #expect(error.description.hasPrefix(path + ": cannot be written"))
    }
  }
}
