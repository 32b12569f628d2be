import CFFmpeg
import Foundation
import TestSupport
import Testing
import Video

/// Recordings whose pixels are not square.
@Suite struct PixelAspectTests {
  private static let x264 = ["preset": "veryfast", "crf": "18", "g": "12", "bf": "2"]

  /// A recorder's format in a container, and the size at which it must be displayed.
  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var coded: (width: Int, height: Int)
    var aspect: (Int32, Int32)
    var shown: (width: Int, height: Int)
    var encoder = "libx264"
    var turn = 0.0
    var testDescription: String { "\(file) \(coded) \(aspect) turned by \(turn)" }

    var clip: LibavClip {
      LibavClip(
        description: "pixels of \(aspect)", file: file, encoder: encoder, width: coded.width,
        height: coded.height, pixelAspect: aspect, turn: turn, times: Array(0..<24),
        options: encoder == "libx264" ? PixelAspectTests.x264 : [:])
    }
  }

  static let cases = [
    Case(file: "half-d1.mp4", coded: (352, 576), aspect: (24, 11), shown: (768, 576)),
    Case(file: "half-d1.mkv", coded: (352, 576), aspect: (24, 11), shown: (768, 576)),
    Case(file: "half-d1.ts", coded: (352, 576), aspect: (24, 11), shown: (768, 576)),
    Case(file: "2cif.mp4", coded: (704, 288), aspect: (6, 11), shown: (704, 528)),
    Case(file: "960h.mkv", coded: (960, 576), aspect: (4, 5), shown: (960, 720)),
    Case(file: "1080n.mp4", coded: (960, 1080), aspect: (2, 1), shown: (1920, 1080)),
    Case(
      file: "pal.avi", coded: (720, 576), aspect: (16, 15), shown: (768, 576), encoder: "mpeg4"),
    Case(
      file: "pal.ts", coded: (720, 576), aspect: (16, 15), shown: (768, 576),
      encoder: "mpeg2video"),
    Case(
      file: "turned.mp4", coded: (352, 576), aspect: (24, 11), shown: (576, 768), turn: 90),
    Case(file: "over.mp4", coded: (352, 576), aspect: (24, 11), shown: (768, 576), turn: 180),
    Case(file: "turned.mov", coded: (704, 288), aspect: (6, 11), shown: (528, 704), turn: 270),
  ]

  @Test(arguments: cases) func picturesHaveTheShapeInWhichTheyAreShown(_ item: Case) throws {
    let folder = try TemporaryFolder()
    try #require(item.clip.isAvailable)
    let path = try item.clip.write(to: folder.url)
    let reader = try VideoReader(path: path)
    #expect((reader.info.width, reader.info.height) == item.shown)
    let coded = try #require(reader.info.coded)
    #expect((coded.width, coded.height) == item.coded)
    #expect(coded.pixelAspect == PixelAspect(width: Int(item.aspect.0), height: Int(item.aspect.1)))
    #expect(try VideoHeader(path: path).info.coded == coded)
    #expect(try VideoHeader(path: path).info.width == item.shown.width)

    let frame = try #require(try reader.nextFrame()).image
    #expect((frame.width, frame.height) == item.shown)
    // The same picture as the coded one brought to that size.
    let plain = try VideoReader(
      path: path, view: VideoView(pixelAspect: PixelAspect(width: 1, height: 1)))
    #expect(plain.info.coded == nil)
    let square = try #require(try plain.nextFrame()).image
    #expect(square.width * square.height == item.coded.width * item.coded.height)
    #expect(gridDifference(colourGrid(frame), colourGrid(square)) < 1.5)

    // Chosen frames and smaller ones keep the shape.
    let index = try FrameIndex(path: path)
    #expect(index.info.coded == coded)
    let chosen = try #require(try VideoFrames.frames(at: [13], of: index).first).image
    #expect((chosen.width, chosen.height) == item.shown)
    let small = try #require(
      try VideoReader(path: path, scaledTo: .longestSide(160)).nextFrame()
    ).image
    #expect(max(small.width, small.height) == 160)
    let ratio = Double(item.shown.width) / Double(item.shown.height)
    #expect(abs(Double(small.width) / Double(small.height) - ratio) < 0.02)
  }

  @Test func aViewReplacesTheClaimAndGivesOneWhereThereIsNone() throws {
    let folder = try TemporaryFolder()
    let clip = LibavClip(
      description: "no claim", file: "plain.mp4", encoder: "libx264", width: 96, height: 108,
      times: Array(0..<12), options: Self.x264)
    let path = try clip.write(to: folder.url)
    #expect(try VideoReader(path: path).info.coded == nil)
    let view = VideoView(pixelAspect: PixelAspect("2:1"))
    let info = try FrameIndex(path: path, view: view).info
    #expect((info.width, info.height) == (192, 108))
    #expect(view.record?.pixelAspect == PixelAspect(width: 2, height: 1))
    #expect(VideoView.asRecorded.record == nil)
  }

  @Test func aHeaderWithoutStreamsIsReadFromThePackets() throws {
    let folder = try TemporaryFolder()
    let clip = LibavClip(
      description: "FLV", file: "camera.flv", encoder: "libx264", times: Array(0..<24),
      options: Self.x264)
    let header = try VideoHeader(path: clip.write(to: folder.url))
    #expect((header.info.width, header.info.height) == (96, 64))
  }

  @Test func imagesOfAFolderFollowTheViewToo() throws {
    let folder = try TemporaryFolder()
    for number in 0..<3 {
      try JPEGCodec.encode(RGBImage(width: 40, height: 60, red: UInt8(80 * number)))
        .write(to: folder.file("frame\(number).jpg"))
    }
    let view = VideoView(pixelAspect: PixelAspect("2:1"))
    let reader = try VideoReader(path: folder.url.path, view: view)
    #expect((reader.info.width, reader.info.height) == (80, 60))
    #expect(try reader.nextFrame()?.image.width == 80)
    let frame = try VideoFrames.frames(at: [2], of: folder.url.path, view: view)
    #expect(frame.first?.image.width == 80)
  }

  @Test func textsAndSizes() {
    #expect(PixelAspect("24:11") == PixelAspect(width: 24, height: 11))
    #expect(PixelAspect("48/22")?.description == "24:11")
    #expect(PixelAspect("2") == PixelAspect("2:1"))
    #expect(PixelAspect("1.5") == PixelAspect("3:2"))
    for text in ["", "0:1", "1:0", "-2:1", "2:1:1", "nan", "inf", "9:1", "1:9", "wide"] {
      #expect(PixelAspect(text) == nil, "\(text)")
    }
    // Containers round: 1919:1920 is square.
    #expect(PixelAspect("1919:1920")?.isSquare == true)
    #expect(PixelAspect("1919:1920")?.displaySize(width: 640, height: 480).width == 640)
    #expect(PixelAspect("10:11")?.displaySize(width: 720, height: 480).height == 528)
  }

  @Test func recordersFormatsGetAdvice() {
    #expect(
      RecorderFormats.advice(width: 960, height: 1080)?.contains("--pixel-aspect 2:1") == true)
    #expect(RecorderFormats.advice(width: 352, height: 576)?.contains("768x576") == true)
    for (width, height) in [(1920, 1080), (640, 480), (320, 240), (704, 576), (720, 576)] {
      #expect(RecorderFormats.advice(width: width, height: height) == nil)
    }
  }
}
