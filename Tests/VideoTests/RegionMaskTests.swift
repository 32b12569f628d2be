import Foundation
import TestSupport
import Testing
import Video

/// Regions of the picture that are ignored.
@Suite struct RegionMaskTests {
  private static let corner = [
    RegionMask.Point(x: 0, y: 0), RegionMask.Point(x: 0.4, y: 0), RegionMask.Point(x: 0.4, y: 0.25),
    RegionMask.Point(x: 0, y: 0.25),
  ]

  private func mask(_ text: String, named name: String = "mask.json") throws -> RegionMask {
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file(name))
    return try RegionMask(contentsOf: folder.file(name).path)
  }

  @Test(arguments: [
    #"{"ignore": [[[0,0],[0.4,0],[0.4,0.25],[0,0.25]]]}"#,
    "[[[0,0],[0.4,0],[0.4,0.25],[0,0.25]]]", "[[0,0],[0.4,0],[0.4,0.25],[0,0.25]]",
    #"["0,0,0.4,0,0.4,0.25,0,0.25"]"#, "[[0,0,0.4,0,0.4,0.25,0,0.25]]",
    "0,0,0.4,0,0.4,0.25,0,0.25\n", "# the clock\n\n 0, 0, 0.4, 0, 0.4, 0.25, 0, 0.25  # here\n",
  ])
  func everyWayToWriteAPolygonGivesTheSameMask(_ text: String) throws {
    let expected = try RegionMask(polygons: [Self.corner], name: "test")
    let found = try mask(text)
    #expect(found == expected && found.sha256 == expected.sha256)
    #expect(abs(found.ignoredShare - 0.1) < 0.005)
  }

  @Test(arguments: [
    ("[[[0,0],[640,0],[640,120]]]", "the coordinate 640.0", "from 0 to 1"),
    ("[[[0,0],[0.4,0]]]", "2 points", "three or more"),
    ("0,0,0.4\n", "line 1", "x1,y1,x2,y2"),
    ("a clock in the corner", "line 1", "x1,y1,x2,y2"),
    ("{\"ignore\": []}", "no polygon", "lists of points"),
    ("{\"keep\": [[[0,0],[1,0],[1,1]]]}", "without polygons", "ignore"),
    ("[[[0,0],[1,0],[1,1],[0,1]]]", "over the whole picture", "part of it that is kept"),
    ("[[[0.1,0.1],[0.2,0.2],[0.3,0.3]]]", "ignores nothing", "an area"),
    ("[[[0,0],[\"a\",0],[1,1]]]", "no list of", "[[0, 0]"),
  ])
  func anUnusableFileIsRefusedWithWhatWasFound(_ text: String, _ found: String, _ expected: String)
    throws
  {
    let error = #expect(throws: VideoError.self) { try mask(text) }
    let words = error?.description ?? ""
    #expect(words.contains(found) && words.contains(expected) && words.contains("mask.json"))
  }

  @Test func blackIsIgnoredInAPicture() throws {
    let folder = try TemporaryFolder()
    var picture = RGBImage(width: 20, height: 10, red: 255, green: 255, blue: 255)
    for y in 0..<5 {
      for x in 0..<10 {
        for channel in 0..<3 { picture.pixels[(y * 20 + x) * 3 + channel] = 4 }
      }
    }
    try PNGCodec.encode(picture).write(to: folder.file("mask.png"))
    let mask = try RegionMask(contentsOf: folder.file("mask.png").path)
    #expect(mask.ignoredShare == 0.25)
    let portable = "P5\n20 10\n255\n".utf8 + (0..<200).map { picture.pixels[3 * $0] }
    try Data(portable).write(to: folder.file("mask.pgm"))
    #expect(try RegionMask(contentsOf: folder.file("mask.pgm").path) == mask)

    let photo = RGBImage(width: 20, height: 10, red: 120, green: 130, blue: 90)
    try PNGCodec.encode(photo).write(to: folder.file("photo.png"))
    let error = #expect(throws: VideoError.self) {
      try RegionMask(contentsOf: folder.file("photo.png").path)
    }
    #expect(error?.description.contains("100% of its pixels neither black nor white") == true)
  }

  /// Two videos that differ only within the region.
  private func pair(_ folder: TemporaryFolder) throws -> [String] {
    try (0..<2).map { version in
      let path = folder.file("version\(version)")
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      for number in 0..<4 {
        var picture = RGBImage(width: 160, height: 120)
        for y in 0..<120 {
          for x in 0..<160 {
            let isClock = x < 64 && y < 30
            let value =
              isClock && version == 1 ? number * 60 + x % 40 : (x * 3 ^ y * 5 + number) & 255
            for channel in 0..<3 {
              picture.pixels[(y * 160 + x) * 3 + channel] = UInt8(value & 255)
            }
          }
        }
        try PNGCodec.encode(picture).write(to: path.appendingPathComponent("f\(number).png"))
      }
      return path.path
    }
  }

  @Test(arguments: [
    VideoScaling.native, .longestSide(97), .exact(width: 33, height: 40),
    .exact(width: 300, height: 200),
  ])
  func nothingOfTheRegionReachesThePictures(_ scaling: VideoScaling) throws {
    let folder = try TemporaryFolder()
    let paths = try pair(folder)
    let mask = try RegionMask(polygons: [Self.corner], name: "test")
    func frames(_ path: String, _ view: VideoView) throws -> [RGBImage] {
      let reader = try VideoReader(path: path, view: view, scaledTo: scaling)
      var pictures: [RGBImage] = []
      while let frame = try reader.nextFrame() { pictures.append(frame.image) }
      return pictures
    }
    let view = VideoView(mask: mask)
    let masked = try paths.map { try frames($0, view) }
    #expect(masked[0].count == 4 && masked[0] == masked[1])
    #expect(try frames(paths[0], .asRecorded) != frames(paths[1], .asRecorded))
    // The rest of the picture stays.
    let plain = try frames(paths[0], .asRecorded)[1]
    let covered = masked[0][1]
    let (width, height) = (covered.width, covered.height)
    let last = ((height - 1) * width + width - 1) * 3
    #expect(covered.pixels[last..<last + 3] == plain.pixels[last..<last + 3])
    #expect(Array(covered.pixels[0..<3]) == [123, 117, 104])
    let changed = (0..<width * height).count { covered.pixels[3 * $0] != plain.pixels[3 * $0] }
    #expect(Double(changed) < 0.15 * Double(width * height))

    var sparse: [RGBImage] = []
    try SparseFrames.decode(
      at: [0, 1, 2, 3], of: FrameIndex(path: paths[1], view: view), scaledTo: scaling
    ) { sparse.append($0.image) }
    #expect(sparse == masked[0])
  }

  @Test func aMaskBelongsToThePictureAsItIsShown() throws {
    let folder = try TemporaryFolder()
    let clip = LibavClip(
      description: "turned", file: "turned.mp4", encoder: "libx264", width: 96, height: 64,
      pixelAspect: (2, 1), turn: 90, times: Array(0..<12), options: ["preset": "veryfast"])
    let view = VideoView(mask: try RegionMask(polygons: [Self.corner], name: "test"))
    let path = try clip.write(to: folder.url)
    let image = try #require(try VideoReader(path: path, view: view).nextFrame()).image
    #expect((image.width, image.height) == (64, 192))
    func isCovered(_ x: Int, _ y: Int) -> Bool {
      Array(image.pixels[(y * 64 + x) * 3..<(y * 64 + x) * 3 + 3]) == [123, 117, 104]
    }
    #expect(isCovered(0, 0) && isCovered(24, 46))
    #expect(!isCovered(30, 10) && !isCovered(10, 60) && !isCovered(63, 191))
    let sparse = try VideoFrames.frames(at: [0], of: path, view: view)[0].image
    #expect(sparse == image)
  }

  @Test func viewsOfSeveralCameras() throws {
    let mask = try RegionMask(polygons: [Self.corner], name: "test")
    let wide = VideoView(pixelAspect: PixelAspect("2:1"))
    let views = VideoViews(rules: [
      .init(view: VideoView(mask: mask)), .init(pattern: "CAM1_*", view: wide),
    ])
    #expect(views.view(of: "cam1_003") == VideoView(pixelAspect: PixelAspect("2:1"), mask: mask))
    #expect(views.view(of: "cam2_003") == VideoView(mask: mask))
    #expect(views.keyText?.contains(mask.sha256) == true)
    #expect(VideoViews(.asRecorded).keyText == nil)
    #expect(
      views.replaced(by: VideoView(pixelAspect: PixelAspect("1:1"))).view(of: "cam1_1").pixelAspect
        == PixelAspect("1:1"))
  }
}
