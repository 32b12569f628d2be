import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct VideoDamageTests {
  /// Reads everything; returns the number of frames, or nil with a clear error.
  private func survivors(_ path: String, atMost limit: Int) throws -> Int? {
    do {
      let reader = try VideoReader(path: path)
      var lastTime = -Double.infinity
      while let frame = try reader.nextFrame() {
        #expect(frame.timestampSeconds > lastTime)
        lastTime = frame.timestampSeconds
        try #require(reader.decodedFrameCount <= limit, "\(path) gives frames without end")
      }
      for warning in reader.warnings { #expect(warning.hasPrefix(path + ": ")) }
      #expect(reader.decodedFrameCount > 0)
      return reader.decodedFrameCount
    } catch let error as VideoError {
      #expect(error.description.hasPrefix(path + ": ") && !error.description.contains("\n"))
      return nil
    }
  }

  @Test(arguments: ["b-frames.mp4", "mpeg4.avi", "h264.mkv", "late-start.ts", "odd-size.webm"])
  func flippedBytesGiveFramesOrAClearError(name: String) throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: Golden.url(name, in: "Fixtures"))
    var generator = SeededGenerator(seed: 5, purpose: name)
    var readable = 0
    for round in 0..<24 {
      var bytes = original
      for _ in 0..<(1 + round / 6) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
      }
      let path = folder.file("\(round)-\(name)").path
      try bytes.write(to: URL(fileURLWithPath: path))
      if try survivors(path, atMost: 400) != nil { readable += 1 }
    }
    #expect(readable >= 12, "\(readable) of 24 damaged copies give frames")
  }

  @Test(arguments: ["b-frames.mp4", "mpeg4.avi", "h264.mkv", "late-start.ts", "odd-size.webm"])
  func cutFilesGiveFramesOrAClearError(name: String) throws {
    let folder = try TemporaryFolder()
    let original = try Data(contentsOf: Golden.url(name, in: "Fixtures"))
    var counts: [Int] = []
    for part in 1...16 {
      let path = folder.file("\(part)-\(name)").path
      try original.prefix(original.count * part / 17).write(to: URL(fileURLWithPath: path))
      counts.append(try survivors(path, atMost: 60) ?? 0)
    }
    if !name.hasSuffix("mp4") {
      #expect(counts == counts.sorted(), "a longer piece has fewer frames: \(counts)")
      #expect(counts.last ?? 0 > 4)
    }
  }

  @Test func damageInTheMiddleLosesFramesThereOnlyAndIsReported() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("clip.mp4")
    try TestClip.write(to: url, frames: 48)
    var bytes = try Data(contentsOf: url)
    let data = try #require(bytes.range(of: Data("mdat".utf8)))
    let end = try #require(bytes.range(of: Data("moov".utf8))).lowerBound - 4
    let middle = (data.upperBound + end) / 2
    bytes.replaceSubrange(middle..<middle + 200, with: Data(repeating: 0xFF, count: 200))
    try bytes.write(to: url)
    let reader = try VideoReader(path: url.path)
    var frames: [VideoFrame] = []
    while let frame = try reader.nextFrame() { frames.append(frame) }
    #expect(frames.count >= 30 && frames.count <= 48)
    #expect(!reader.warnings.isEmpty)
    #expect(meanDifference(try #require(frames.first).image, TestClip.frame(0)) < 3)
    let last = try #require(frames.last)
    #expect(abs(last.timestampSeconds - 47.0 / 12) < 1e-9)
    #expect(meanDifference(last.image, TestClip.frame(47)) < 3)
  }

  @Test func aHeaderThatClaimsTooManyFramesIsNotBelieved() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("clip.avi")
    try Data(contentsOf: Golden.url("mpeg4.avi", in: "Fixtures")).prefix(8000).write(to: url)
    let reader = try VideoReader(path: url.path)
    while try reader.skipFrame() != nil {}
    #expect(reader.info.claimedFrameCount == 20)
    #expect(reader.decodedFrameCount < 20)
    #expect(reader.warnings.contains { $0.contains("claims 20 frames") })
  }
}
