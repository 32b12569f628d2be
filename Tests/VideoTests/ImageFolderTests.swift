import Foundation
import TestSupport
import Testing
import Video

@Suite struct ImageFolderTests {
  /// A folder with images of the given names, each of its own gray.
  private func folder(_ names: [String], width: Int = 16, height: Int = 8) throws
    -> TemporaryFolder
  {
    let folder = try TemporaryFolder()
    for (place, name) in names.enumerated() {
      let level = UInt8(20 * place + 10)
      let image = RGBImage(width: width, height: height, red: level, green: level, blue: level)
      try JPEGCodec.encode(image).write(to: folder.file(name))
    }
    return folder
  }

  private func levels(_ path: String) throws -> [Int] {
    try SparseCheck.allFrames(path).map { Int($0.image.pixels[0]) / 20 }
  }

  @Test("Images come in the order of their numbers, at the frame rate given")
  func order() throws {
    let folder = try folder(["frame_2.jpg", "frame_10.jpg", "frame_1.jpg"])
    try Data("no image".utf8).write(to: folder.file("notes.txt"))
    try Data("no image".utf8).write(to: folder.file("cover.jpg"))
    let path = folder.url.path
    #expect(try levels(path) == [2, 0, 1])
    let reader = try VideoReader(path: path, imageFolderFrameRate: 4)
    #expect(reader.info.codec == "jpeg" && reader.info.container == "image folder")
    #expect(reader.info.width == 16 && reader.info.height == 8)
    #expect(reader.info.claimedFrameCount == 3 && reader.info.durationSeconds == 0.75)
    var times: [Double] = []
    while let frame = try reader.skipFrame() { times.append(frame.timestampSeconds) }
    #expect(times == [0, 0.25, 0.5])
    #expect(reader.warnings.contains { $0.contains("without a number") })
    #expect(try VideoReader(path: path).info.averageFrameRate == 25)
  }

  @Test("Sparse frames of a folder equal the reader's, scaled too")
  func sparse() throws {
    let path = try folder((0..<7).map { "\($0).jpg" })
    try SparseCheck.equalsSequential(path.url.path)
    let index = try FrameIndex(path: path.url.path)
    #expect(index.isTrustworthy && index.keyFrames == Array(0..<7))
    var sizes: [Int] = []
    try SparseFrames.decode(at: [2, 5], of: index, scaledTo: .longestSide(8)) {
      sizes.append($0.image.width)
    }
    #expect(sizes == [8, 8])
  }

  @Test("PNG images are frames as they are")
  func png() throws {
    let folder = try TemporaryFolder()
    let source = Golden.url("images/rgb.png")
    for name in ["000.png", "001.PNG"] {
      try FileManager.default.copyItem(at: source, to: folder.file(name))
    }
    let frames = try SparseCheck.allFrames(folder.url.path)
    let image = try ImageFile.read(path: source.path)
    #expect(frames.map(\.image) == [image, image])
    #expect(try VideoReader(path: folder.url.path).info.codec == "png")
  }

  @Test("A damaged image is stepped over, and the others keep their times")
  func damage() throws {
    let folder = try folder(["1.jpg", "2.jpg", "3.jpg"])
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0, 4]).write(to: folder.file("2.jpg"))
    let path = folder.url.path
    #expect(try VideoFrames.timestamps(of: path) == [0, 0.08])
    let index = try FrameIndex(path: path)
    var found: [Int] = []
    let report = try SparseFrames.decode(at: [0, 1, 2], of: index) { found.append($0.frameIndex) }
    #expect(found == [0, 2] && report.missing == [1])
    #expect(report.warnings.contains { $0.contains("does not decode") })
  }

  @Test("A folder without numbered images is refused as a folder")
  func otherFolders() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path
    #expect(throws: VideoError.folder(path: path)) { try VideoReader(path: path) }
    try Data("x".utf8).write(to: folder.file("cover.jpg"))
    #expect(throws: VideoError.folder(path: path)) { try FrameIndex(path: path) }
  }
}
