import CFFmpeg
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite(.blocking) struct SparseFramesTests {
  @Test(
    "On every fixture the index has the reader's times, and any wanted set the reader's frames",
    arguments: VideoFixtures.names + ["two-sizes.h264"])
  func fixtures(name: String) throws {
    let index = try SparseCheck.equalsSequential(VideoFixtures.path(name))
    // Raw streams, GIF and B-frames in AVI do not say when their frames are shown.
    let without: Set = ["animated.gif", "mpeg4.avi", "no-timestamps.h264", "two-sizes.h264"]
    #expect(index.isTrustworthy == !without.contains(name), "\(index.distrust ?? "trusted")")
  }

  /// Files whose packets do not tell the frames.
  private static let untrusted: Set = [
    "h264.avi", "h264-b.avi", "plain.h264", "mpeg4-b.avi", "mpeg2.mpg", "repeats.mkv", "wmv.avi",
  ]

  @Test(
    "Whatever the structure, codec and container, sparse frames equal the reader's",
    arguments: LibavClip.h264 + LibavClip.otherCodecs)
  func clips(clip: LibavClip) throws {
    guard clip.isAvailable else {
      print("skipped \(clip.file): this libavcodec has no \(clip.encoder) encoder")
      return
    }
    let folder = try TemporaryFolder()
    let index = try SparseCheck.equalsSequential(clip.write(to: folder.url))
    #expect(
      index.isTrustworthy == !Self.untrusted.contains(clip.file),
      "\(clip.file): \(index.distrust ?? "trusted")")
    #expect(index.frameCount + index.hiddenPacketCount == index.packetCount)
  }

  @Test("The frames of one run equal those of many threads, and a body's error ends them all")
  func threadsAndErrors() throws {
    struct Enough: Error {}
    let folder = try TemporaryFolder()
    let url = folder.file("clip.mp4")
    try TestClip.write(to: url, frames: 96)
    let index = try FrameIndex(path: url.path)
    #expect(index.keyFrames == Array(stride(from: 0, to: 96, by: 8)))
    let wanted = Array(stride(from: 1, to: 96, by: 3))
    var one: [RGBImage] = []
    var four: [RGBImage] = []
    try SparseFrames.decode(at: wanted, of: index) { one.append($0.image) }
    try SparseFrames.decode(at: wanted, of: index, threads: 4) { four.append($0.image) }
    #expect(one == four && one.count == wanted.count)
    var seen = 0
    #expect(throws: Enough.self) {
      try SparseFrames.decode(at: wanted, of: index, threads: 4) { _ in
        seen += 1
        if seen == 5 { throw Enough() }
      }
    }
    #expect(seen == 5)
  }

  @Test("What no wanted frame needs is not decoded, and far frames are jumped to")
  func costs() throws {
    let folder = try TemporaryFolder()
    let clip = LibavClip(
      description: "", file: "long.mp4", encoder: "libx264", width: 320, height: 240,
      times: Array(0..<240), options: ["preset": "veryfast", "crf": "1", "g": "24", "bf": "2"])
    let index = try FrameIndex(path: clip.write(to: folder.url))
    let few = try SparseFrames.decodeOnly(at: [50, 200], of: index)
    #expect(few.decodedFrameCount < 24 && few.seekCount == 2)
    #expect(index.frameCount == 240 && index.info.claimedFrameCount == 240)
    let none = try SparseFrames.decodeOnly(at: [], of: index)
    #expect(none.decodedFrameCount == 0 && none.seekCount == 0)
  }

  @Test(
    "Around a packet that does not decode every other frame comes, as in the reader",
    arguments: [24, 30, 31, 59])
  func damagedPacket(time: Int64) throws {
    let folder = try TemporaryFolder()
    var clip = LibavClip(
      description: "", file: "damaged.mp4", encoder: "libx264",
      options: ["preset": "veryfast", "crf": "28", "g": "12", "bf": "2"])
    // The first start code and unit header stay, so that the muxer takes the packet.
    clip.edit = { packet in
      guard packet.pointee.pts == time else { return }
      memset(packet.pointee.data + 5, 0xFF, Int(packet.pointee.size) - 5)
    }
    let path = try clip.write(to: folder.url)
    let all = try SparseCheck.allFrames(path)
    let index = try FrameIndex(path: path)
    var found: [VideoFrame] = []
    let report = try SparseFrames.decode(at: Array(0..<60), of: index) { found.append($0) }
    #expect(found.count + report.missing.count == 60)
    #expect(report.missing.contains(Int(time)))
    // Not frame by frame: after a lost key frame the reader mixes up the order.
    #expect(found.count >= all.count, "\(all.count) frames by the reader")
    #expect(
      report.missing.allSatisfy { $0 >= Int(time) / 12 * 12 && $0 < Int(time) / 12 * 12 + 12 })
    #expect(report.warnings.contains { $0.contains("damaged packet") })
    #expect(report.warnings.contains { $0.contains("wanted frame") })
  }

  @Test(
    "A cut file gives the frames that it still has", arguments: ["fragments.mp4", "no-cues.mkv"])
  func cutFile(name: String) throws {
    let folder = try TemporaryFolder()
    let clip = try #require(LibavClip.h264.first { $0.file == name })
    let path = try clip.write(to: folder.url)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count * 3 / 4).write(to: URL(fileURLWithPath: path))
    let count = try VideoFrames.timestamps(of: path).count
    #expect(count > 20 && count < 60)
    let index = try FrameIndex(path: path)
    // The last packet may be half a picture, which decodes or does not.
    #expect(index.frameCount >= count && index.frameCount <= count + 1)
    let frame = try #require(try VideoFrames.frames(at: [count - 2], of: path).first)
    #expect(frame.image == (try SparseCheck.allFrames(path))[count - 2].image)
  }

  @Test("Packed B-frames are seen, and the frames found by decoding")
  func packedFrames() throws {
    let folder = try TemporaryFolder()
    var clip = LibavClip(
      description: "", file: "packed.avi", encoder: "mpeg4", options: ["g": "12"])
    // Two pictures in one packet, as DivX packs them.
    clip.edit = { packet in
      guard packet.pointee.pts == 20 else { return }
      let size = packet.pointee.size
      av_grow_packet(packet, size)
      memcpy(packet.pointee.data + Int(size), packet.pointee.data, Int(size))
    }
    let index = try SparseCheck.equalsSequential(clip.write(to: folder.url))
    #expect(index.distrust?.contains("packed") == true)
  }

  @Test(
    "Altered bytes never hang sparse decoding, and every wanted frame is given or missing",
    arguments: [
      "pyramid.mp4", "open.mkv", "open.ts", "h264.avi", "hevc.mp4", "mpeg4.mp4", "vp9.webm",
    ])
  func alteredBytes(name: String) throws {
    let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"
    let folder = try TemporaryFolder()
    let clip = try #require((LibavClip.h264 + LibavClip.otherCodecs).first { $0.file == name })
    guard clip.isAvailable else { return }
    let original = try Data(contentsOf: URL(fileURLWithPath: clip.write(to: folder.url)))
    var generator = SeededGenerator(seed: 9, purpose: name)
    var readable = 0
    let rounds = isSoak ? 600 : 8
    for round in 0..<rounds {
      var bytes = original
      for _ in 0..<(1 + round % 12) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
      }
      let path = folder.file("altered-\(name)").path
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let index = try FrameIndex(path: path)
        let wanted = Array(stride(from: round % 5, to: index.frameCount, by: 1 + round % 7))
        var found: [Int] = []
        let report = try SparseFrames.decode(at: wanted, of: index, threads: 1 + round % 2) {
          found.append($0.frameIndex)
        }
        #expect((found + report.missing).sorted() == wanted, "\(name) round \(round)")
        #expect(report.missing.isEmpty || !report.warnings.isEmpty || report.isSequential)
        readable += 1
      } catch let error as VideoError {
        #expect(error.description.hasPrefix(path + ": "))
      }
    }
    #expect(readable > rounds / 3, "\(readable) of \(rounds) altered copies open")
  }
}
