import Foundation
import Records
import TestSupport
import Testing
import Video

/// HLS playlists on disk, raw Motion JPEG, and recordings that are cut off.
@Suite struct LocalPlaylistTests {
  private static func clip(_ file: String, from first: Int64 = 0) -> LibavClip {
    LibavClip(
      description: "a segment", file: file, encoder: "libx264",
      times: Array(first..<first + 48), options: ["preset": "veryfast", "g": "12", "bf": "0"])
  }

  /// A folder with a playlist of two segments.
  private func playlist(_ lines: String? = nil, isFinished: Bool = true) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try Self.clip("seg0.ts").write(to: folder.url)
    _ = try Self.clip("seg1.ts", from: 48).write(to: folder.url)
    let text =
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
      + (lines ?? "#EXTINF:1.92,\nseg0.ts\n#EXTINF:1.92,\nseg1.ts\n")
      + (isFinished ? "#EXT-X-ENDLIST\n" : "")
    try Data(text.utf8).write(to: folder.file("list.m3u8"))
    return folder
  }

  @Test(arguments: [true, false]) func aPlaylistIsOneVideo(isFinished: Bool) throws {
    let folder = try playlist(isFinished: isFinished)
    let path = folder.file("list.m3u8").path
    let reader = try VideoReader(path: path)
    var times: [Double] = []
    while let frame = try reader.skipFrame() { times.append(frame.timestampSeconds) }
    #expect(times.count == 96)
    #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 0.04) < 0.002 })
    #expect(reader.warnings.isEmpty)
    let frame = try VideoFrames.frames(at: [70], of: path)[0]
    let segment = try VideoFrames.frames(at: [22], of: folder.file("seg1.ts").path)[0]
    #expect(frame.image == segment.image)
    #expect(try LocalPlaylist(path: path).files.count == 2)
  }

  @Test(arguments: [
    ("#EXTINF:2,\nhttp://127.0.0.1:9/x.ts\n", "not in its folder"),
    ("#EXTINF:2,\n../x.ts\n", "not in its folder"),
    ("#EXTINF:2,\n/etc/hostname\n", "not in its folder"),
    ("#EXTINF:2,\nfile:seg0.ts\n", "not in its folder"),
    ("#EXTINF:2,\nseg7.ts\n", "'seg7.ts' is missing"),
    ("#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n#EXTINF:2,\nseg0.ts\n", "encrypted"),
    ("#EXT-X-MAP:URI=\"../init.mp4\"\n#EXTINF:2,\nseg0.ts\n", "not in its folder"),
    ("#EXTINF:2,\nlink.ts\n", "a link out of the folder"),
    ("", "names no segment"),
  ])
  func otherFilesAreRefused(_ lines: String, _ words: String) throws {
    let folder = try playlist(lines)
    let outside = try TemporaryFolder()
    try FileManager.default.copyItem(at: folder.file("seg0.ts"), to: outside.file("seg.ts"))
    try FileManager.default.createSymbolicLink(
      at: folder.file("link.ts"), withDestinationURL: outside.file("seg.ts"))
    let error = #expect(throws: VideoError.self) {
      try VideoReader(path: folder.file("list.m3u8").path)
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    "#EXTINF:2,\n./seg0.ts\n#EXTINF:2,\nsub/../seg1.ts\n",
    "#EXTINF:2,\nseg0.ts?token=7\n#EXTINF:2,\nseg%31.ts\n",
    "#EXTINF:2,\r\nseg0.ts\r\n#EXTINF:2,\r\nseg1.ts\r\n",
  ])
  func addressesInTheFolderAreFound(_ lines: String) throws {
    let folder = try playlist(lines)
    let reader = try VideoReader(path: folder.file("list.m3u8").path)
    while try reader.skipFrame() != nil {}
    #expect(reader.decodedFrameCount == 96)
  }

  @Test func aMarkAtTheStartIsNoText() throws {
    let folder = try playlist()
    let path = folder.file("list.m3u8")
    try (Data([0xEF, 0xBB, 0xBF]) + Data(contentsOf: path)).write(to: path)
    #expect(try VideoReader(path: path.path).skipFrame() != nil)
    try Data().write(to: path)
    #expect(throws: VideoError.empty(path: path.path)) { try VideoReader(path: path.path) }
  }

  @Test func aPlaylistsHashFollowsItsSegments() throws {
    let folder = try playlist()
    let path = folder.file("list.m3u8").path
    let before = try VideoFingerprint.measure(path: path)
    #expect(try VideoFingerprint.measure(path: path).hash == before.hash)
    var bytes = try Data(contentsOf: folder.file("seg1.ts"))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: folder.file("seg1.ts"))
    // Both writes may fall into one tick of the file system's clock.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 60)],
      ofItemAtPath: folder.file("seg1.ts").path)
    #expect(try VideoFingerprint.measure(path: path, known: before).hash != before.hash)
  }

  // MARK: - Raw Motion JPEG

  private func pictures(_ count: Int) throws -> [Data] {
    try (0..<count).map {
      try JPEGCodec.encode(RGBImage(width: 64, height: 48, red: UInt8(40 * $0), green: 90))
    }
  }

  @Test func picturesInARowAreAVideoWithoutTimes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("camera.mjpeg")
    try pictures(6).reduce(Data(), +).write(to: path)
    let reader = try VideoReader(path: path.path)
    var count = 0
    while try reader.nextFrame() != nil { count += 1 }
    #expect(count == 6)
    let words = "a raw mjpeg stream has no times; 25.00 frames per second are assumed"
    #expect(reader.warnings.contains { $0.contains(words) })
    #expect(try FrameIndex(path: path.path).warnings.contains { $0.contains(words) })
  }

  @Test func onePictureIsNoVideo() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("still.jpg")
    try pictures(1)[0].write(to: path)
    let error = #expect(throws: VideoError.self) { try VideoReader(path: path.path) }
    #expect(error?.description.contains("a still image") == true)
    // Nor is a photograph with a second view (CIPA DC-007).
    let views = try pictures(2)
    let mark = Data([0xFF, 0xE2, 0, 8] + Array("MPF\0".utf8) + [0, 0])
    try (views[0].prefix(2) + mark + views[0].dropFirst(2) + views[1]).write(to: path)
    #expect(throws: VideoError.self) { try VideoReader(path: path.path) }
  }

  // MARK: - Cut off

  @Test(arguments: [
    ("fragments.mp4", ["movflags": "frag_keyframe+empty_moov"]), ("plain.mkv", [:]),
  ])
  func aRecordingThatIsCutOffIsTold(_ file: String, _ options: [String: String]) throws {
    let folder = try TemporaryFolder()
    var clip = Self.clip(file)
    clip.muxerOptions = options
    let path = try clip.write(to: folder.url)
    func warnings() throws -> [String] {
      let reader = try VideoReader(path: path)
      while try reader.skipFrame() != nil {}
      return reader.warnings
    }
    #expect(try warnings().isEmpty && FrameIndex(path: path).warnings.isEmpty)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count * 2 / 3).write(to: URL(fileURLWithPath: path))
    #expect(try warnings().contains { $0.contains("cut off") || $0.contains("cut short") })
    #expect(try FrameIndex(path: path).warnings.contains { $0.contains("cut off") })
  }

  @Test(arguments: ["moof", "header"]) func whatComesBeforeACutFragmentIsRead(_ place: String)
    throws
  {
    let folder = try TemporaryFolder()
    var clip = Self.clip("fragments.mp4")
    clip.muxerOptions = ["movflags": "frag_keyframe+empty_moov"]
    let path = try clip.write(to: folder.url)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let fragments = whole.ranges(of: Data("moof".utf8)).map { $0.lowerBound - 4 }
    try #require(fragments.count == 4)
    try whole.prefix(fragments[2] + (place == "moof" ? 60 : 5))
      .write(to: URL(fileURLWithPath: path))
    let reader = try VideoReader(path: path)
    while try reader.skipFrame() != nil {}
    #expect(reader.decodedFrameCount == 24)
    #expect(reader.warnings.contains { $0.contains("cut off") })
    let index = try FrameIndex(path: path)
    #expect(index.frameCount == 24 && index.warnings.contains { $0.contains("cut off") })
    #expect(try VideoFrames.frames(at: [20], of: index).count == 1)
  }

  // MARK: - Names

  @Test func aNameThatIsNotUTF8IsToldAsWhatItIs() throws {
    let folder = try TemporaryFolder()
    let name = Array(folder.url.path.utf8) + Array("/caf".utf8) + [0xE9] + Array(" cam.mp4".utf8)
    let handle = name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
      (Array(bytes) + [0]).withUnsafeBufferPointer { fopen($0.baseAddress!, "w") }
    }
    let file = try #require(handle)
    fclose(file)
    let entries = try #require(FolderEntries(of: folder.url.path))
    #expect(entries.undecodable == ["caf\\xe9 cam.mp4"] && entries.names.isEmpty)
    // As a command sees the argument.
    let path = folder.url.path + "/caf\u{FFFD} cam.mp4"
    let error = #expect(throws: VideoError.self) { try VideoReader(path: path) }
    #expect(error?.description.contains("not UTF-8 (caf\\xe9 cam.mp4); rename the file") == true)
    #expect(throws: VideoError.missing(path: folder.url.path + "/other\u{FFFD}.mp4")) {
      try VideoReader(path: folder.url.path + "/other\u{FFFD}.mp4")
    }
  }
}
