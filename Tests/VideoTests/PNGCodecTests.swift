import Foundation
import TestSupport
import Testing
import Video

@Suite struct PNGCodecTests {
  @Test(
    "a PNG gives back every sample, odd widths included",
    arguments: [(1, 1), (37, 21), (64, 48)])
  func roundTrip(size: (width: Int, height: Int)) throws {
    let count = size.width * size.height * 3
    let image = RGBImage(
      width: size.width, height: size.height, pixels: (0..<count).map { UInt8($0 * 7 % 256) })
    let folder = try TemporaryFolder()
    let file = folder.file("picture.png")
    try PNGCodec.encode(image).write(to: file)
    #expect(try ImageFile.read(path: file.path) == image)
  }

  @Test("a picture without pixels is refused")
  func empty() {
    #expect(throws: VideoError.self) {
      try PNGCodec.encode(RGBImage(width: 0, height: 4, pixels: []))
    }
  }
}
