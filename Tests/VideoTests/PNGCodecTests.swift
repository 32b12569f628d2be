import TestSupport
import Testing
import Video

@Suite("PNG codec")
struct PNGCodecTests {
  @Test(
    "a picture comes back sample by sample, whatever its size and the compression",
    arguments: [(1, 1), (7, 3), (224, 224), (641, 2)], [0, 3, 9])
  func roundTrip(size: (width: Int, height: Int), compression: Int) throws {
    var image = RGBImage(width: size.width, height: size.height)
    for index in image.pixels.indices {
      image.pixels[index] = UInt8(truncatingIfNeeded: index &* index &* 31 >> 3)
    }
    let folder = try TemporaryFolder()
    try PNGCodec.encode(image, compression: compression).write(to: folder.file("a.png"))
    #expect(try ImageFile.read(path: folder.file("a.png").path) == image)
  }

  @Test("a picture without pixels is refused")
  func empty() {
    #expect(throws: VideoError.self) {
      try PNGCodec.encode(RGBImage(width: 0, height: 4, pixels: []))
    }
  }
}
