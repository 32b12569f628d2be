import Foundation
import TestSupport
import Testing
import Video

/// Recordings whose clock jumps, restarts or stands still.
@Suite struct ClockJumpTests {
  private static let x264 = ["preset": "veryfast", "crf": "28", "g": "12", "bf": "2"]

  private static func clip(_ file: String, times: [Int64]) -> LibavClip {
    LibavClip(
      description: "a clock", file: file, encoder: "libx264", times: times, options: x264)
  }

  /// Two recordings of 60 frames each, one after the other in one file.
  private static func joined(
    _ first: Int64, _ second: Int64, in folder: URL, name: String = "joined.ts"
  ) throws -> String {
    var bytes = Data()
    for (number, start) in [first, second].enumerated() {
      let path = try clip("part\(number).ts", times: Array(start..<start + 60)).write(to: folder)
      bytes += try Data(contentsOf: URL(fileURLWithPath: path))
    }
    let file = folder.appendingPathComponent(name)
    try bytes.write(to: file)
    return file.path
  }

  /// What must hold for 120 frames of 25 per second with one jump in the middle.
  private func check(_ path: String, jump: Double, tolerance: Double = 0.5) throws {
    let index = try FrameIndex(path: path)
    let found = try #require(index.clockJumps.first)
    #expect(index.clockJumps.count == 1 && found.frameIndex == 60)
    #expect(abs(found.seconds - jump) < tolerance, "\(found.seconds)")
    let reader = try VideoReader(path: path)
    var times: [Double] = []
    var pictures: [RGBImage] = []
    while let frame = try reader.nextFrame() {
      times.append(frame.timestampSeconds)
      pictures.append(frame.image)
    }
    #expect(times.count == 120)
    for (a, b) in zip(times, times.dropFirst()) { #expect(abs(b - a - 0.04) < 0.002) }
    let word = jump < 0 ? "back" : "forward"
    #expect(reader.warnings.contains { $0.contains("the clock jumps \(word) by") })
    #expect(index.warnings.contains { $0.contains("after frame 59") })
    if index.isTrustworthy {
      #expect(zip(index.timestamps, times).allSatisfy { abs($0 - $1) < 1e-9 })
      let chosen = try VideoFrames.frames(at: [3, 59, 60, 97], of: index)
      for frame in chosen { #expect(frame.image == pictures[frame.frameIndex]) }
    }
    #expect(abs(index.info.durationSeconds - 4.8) < 0.01)
    #expect(abs(index.info.averageFrameRate - 25) < 0.1)
    let header = try VideoHeader(path: path)
    #expect(abs(header.info.durationSeconds - 4.8) < 0.01)
    #expect(header.clockJumps == index.clockJumps)
  }

  @Test func forward() throws {
    let folder = try TemporaryFolder()
    try check(Self.joined(5000, 2_375_000, in: folder.url), jump: 94_797.6)
  }

  @Test func backByMoreThanAMinute() throws {
    let folder = try TemporaryFolder()
    try check(Self.joined(125_000, 5000, in: folder.url), jump: -4802.4)
  }

  @Test func backByHalfAMinute() throws {
    let folder = try TemporaryFolder()
    try check(Self.joined(900, 150, in: folder.url), jump: -32.4)
  }

  @Test func theClockStartsAgain() throws {
    let folder = try TemporaryFolder()
    // Both halves have the same times, so packets alone do not tell them apart.
    try check(Self.joined(0, 0, in: folder.url), jump: -2.4)
  }

  @Test(arguments: ["gap.mp4", "gap.mkv"]) func inAFileWithATable(_ file: String) throws {
    let folder = try TemporaryFolder()
    let times = Array(Int64(0)..<60) + Array(Int64(100_060)..<100_120)
    try check(
      Self.clip(file, times: times).write(to: folder.url), jump: 4000)
  }

  @Test func anUnevenRateIsNoJump() throws {
    let folder = try TemporaryFolder()
    // A picture every half second, pauses of nine.
    let times = (0..<60).map { (frame: Int64) -> Int64 in frame * 12 + frame / 20 * 225 }
    let path = try Self.clip("slow.mp4", times: times).write(to: folder.url)
    #expect(try FrameIndex(path: path).clockJumps.isEmpty)
    #expect(try VideoHeader(path: path).clockJumps.isEmpty)
  }

  @Test func aClockThatStandsStillIsFilledIn() {
    var clock = FrameClock(timeBaseSeconds: 0.04, startSeconds: 0, frameSeconds: 0.04)
    let still = (0..<100).map { _ in Int64(3) }
    let times = ([0, 1, 2] + still + [4, 5, 6]).map { clock.seconds(ticks: $0) }
    #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 0.04) < 1e-9 })
    #expect(clock.repairedCount == 99 && clock.jumps.isEmpty)
  }

  @Test func aStandstillThatCatchesUpKeepsTheTimes() {
    var clock = FrameClock(timeBaseSeconds: 0.04, startSeconds: 0, frameSeconds: 0.04)
    let times = ([0, 1, 1, 1, 1, 1, 6, 7].map { clock.seconds(ticks: $0) })
    #expect(zip(times, (0..<8).map { Double($0) * 0.04 }).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func aClockThatCreepsStandsStill() {
    // One tick of 90 kHz per frame, as muxers write equal times.
    var clock = FrameClock(timeBaseSeconds: 1 / 90_000, startSeconds: 0, frameSeconds: 0.04)
    let times = (0..<100).map { clock.seconds(ticks: Int64($0)) }
    #expect(abs(times[99] - 99 * 0.04) < 0.01)
    #expect(clock.repairedCount == 99)
  }

  @Test func severalJumpsAreCounted() {
    var clock = FrameClock(timeBaseSeconds: 1, startSeconds: 0, frameSeconds: 0.04)
    var seconds: [Double] = []
    for start in [0.0, 1000, 50, 4000] {
      for frame in 0..<30 {
        seconds.append(clock.seconds(ticks: Int64(start) + Int64(frame)))
      }
    }
    #expect(clock.jumps.map(\.frameIndex) == [30, 60, 90])
    #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 < $1 })
  }
}
