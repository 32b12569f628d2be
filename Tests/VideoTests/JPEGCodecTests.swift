import Foundation
import TestSupport
import Testing
import Video

@Suite struct JPEGCodecTests {
  @Test func encodingAndDecodingKeepsThePicture() throws {
    let picture = TestClip.frame(5)
    let plain = try JPEGCodec.encode(picture, quality: 95)
    let full = try JPEGCodec.encode(picture, quality: 95, fullChroma: true)
    #expect(meanDifference(try JPEGCodec.decode(plain, name: "p"), picture) < 2)
    #expect(
      meanDifference(try JPEGCodec.decode(full, name: "f"), picture)
        < meanDifference(try JPEGCodec.decode(plain, name: "p"), picture))
    #expect(try JPEGCodec.encode(picture, quality: 95) == plain)
    #expect(try JPEGCodec.encode(picture, quality: 30).count < plain.count)
  }

  @Test func aPictureWithoutPixelsIsRefused() {
    #expect(throws: VideoError.self) {
      try JPEGCodec.encode(RGBImage(width: 0, height: 3, pixels: []))
    }
  }

  @Test func everyCutOfAJPEGIsAnErrorThatNamesIt() throws {
    let whole = try JPEGCodec.encode(TestClip.frame(0), quality: 80)
    for part in 0..<20 {
      do {
        _ = try JPEGCodec.decode(whole.prefix(whole.count * part / 20), name: "cut.jpg")
        Issue.record("\(part) twentieths decode")
      } catch let error as VideoError {
        #expect(error.description.hasPrefix("cut.jpg: damaged image: "))
      }
    }
  }
}
