import Foundation
import TestSupport
import Testing
import Video

@Suite struct ImageFileTests {
  struct Record: Decodable {
    struct Expected: Decodable {
      var width: Int
      var height: Int
      var sha256: String
      var luma: String
      var spots: [[UInt8]]
    }
    var files: [String: Expected]
  }

  @Test func everyImageEqualsPillowsSampleBySample() throws {
    let record = try JSONDecoder().decode(
      Record.self, from: Data(contentsOf: Golden.url("images.json")))
    #expect(record.files.count >= 36)
    for (name, expected) in record.files.sorted(by: { $0.key < $1.key }) {
      let path = Golden.url("images/\(name)").path
      #expect(ImageFile.isImage(path: path))
      let image = try ImageFile.read(path: path)
      #expect(image.width == expected.width && image.height == expected.height, "\(name)")
      let (w, h) = (image.width, image.height)
      let spots = [(0, 0), (w - 1, h - 1), (w / 3, h / 2), (w / 2, h / 4)].map { x, y in
        Array(image.pixels[(y * w + x) * 3..<(y * w + x) * 3 + 3])
      }
      #expect(spots == expected.spots, "\(name)")
      #expect(digest(image.pixels) == expected.sha256, "\(name)")
      #expect(digest(image.gray().pixels) == expected.luma, "\(name)")
    }
  }

  @Test func aCMYKJPEGIsRefusedByName() {
    let path = Golden.url("images/cmyk.jpg").path
    #expect(
      throws: VideoError.unsupportedImage(
        name: path, finding: "a CMYK JPEG, expected RGB or gray",
        remedy: "convert it to RGB with an image editor")
    ) { try ImageFile.read(path: path) }
  }

  @Test func cutPNGsAreDamagedImages() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: Golden.url("images/rgb.png"))
    for part in 1..<12 {
      let url = folder.file("\(part).png")
      try whole.prefix(whole.count * part / 12).write(to: url)
      do {
        _ = try ImageFile.read(path: url.path)
        Issue.record("\(part) twelfths of a PNG decode")
      } catch let error as VideoError {
        #expect(error.description.hasPrefix(url.path + ": damaged image: "))
      }
    }
  }

  @Test func alteredPNGDataIsDamaged() throws {
    let folder = try TemporaryFolder()
    var bytes = try Data(contentsOf: Golden.url("images/rgb.png"))
    bytes[bytes.count / 2] ^= 0x55
    try bytes.write(to: folder.file("a.png"))
    #expect(throws: VideoError.self) { try ImageFile.read(path: folder.file("a.png").path) }
  }

  @Test func aGIFGivesItsFirstFrame() throws {
    let image = try ImageFile.read(path: VideoFixtures.path("animated.gif"))
    let frame = try VideoFrames.frames(at: [0], of: VideoFixtures.path("animated.gif"))[0]
    #expect(image == frame.image)
  }

  @Test func whatIsNoImageIsRefused() throws {
    let folder = try TemporaryFolder()
    try Data("hello".utf8).write(to: folder.file("text.png"))
    try Data().write(to: folder.file("empty.jpg"))
    #expect(!ImageFile.isImage(path: folder.file("text.png").path))
    #expect(!ImageFile.isImage(path: folder.file("none.png").path))
    #expect(!ImageFile.isImage(path: folder.url.path))
    for name in ["text.png", "empty.jpg", "none.png"] {
      let path = folder.file(name).path
      do {
        _ = try ImageFile.read(path: path)
        Issue.record("\(name) is read")
      } catch let error as VideoError {
        #expect(error.description.hasPrefix(path + ": "))
      }
    }
  }
}
