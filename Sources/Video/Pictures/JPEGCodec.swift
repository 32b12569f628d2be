import CJPEG
import Foundation

/// JPEG by libjpeg, with the slow integer transform and its own upsampling, like Pillow.
public enum JPEGCodec {
  /// A JPEG file's bytes.
  ///
  /// - Parameters:
  ///   - quality: 1 to 100, libjpeg's scale.
  ///   - fullChroma: 4:4:4 instead of 4:2:0.
  /// - Throws: `VideoError.cannotEncode` for a side of 0 or above 65,500 pixels.
  public static func encode(_ image: RGBImage, quality: Int = 90, fullChroma: Bool = false) throws
    -> Data
  {
    precondition((1...100).contains(quality), "JPEG quality \(quality) is not in 1...100")
    guard (1...65500).contains(image.width), (1...65500).contains(image.height) else {
      throw VideoError.cannotEncode(
        path: "image", reason: "\(image.width)x\(image.height) is outside JPEG's 1 to 65500 pixels")
    }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    var message = [CChar](repeating: 0, count: Int(JMSG_LENGTH_MAX))
    let result = image.pixels.withUnsafeBufferPointer {
      kess_jpeg_encode(
        $0.baseAddress, Int32(image.width), Int32(image.height), Int32(quality),
        fullChroma ? 1 : 0, &bytes, &count, &message)
    }
    guard result == 0, let bytes else {
      throw VideoError.cannotEncode(path: "image", reason: text(message))
    }
    return Data(bytesNoCopy: bytes, count: Int(count), deallocator: .free)
  }

  /// The picture in a JPEG file's bytes: baseline or progressive, colour or gray.
  /// EXIF orientation is not applied.
  ///
  /// - Parameter name: The path or other name for error messages.
  /// - Throws: `VideoError.damagedImage`, also for a file that ends early, and
  ///   `VideoError.unsupportedImage` for CMYK.
  public static func decode(_ data: Data, name: String) throws -> RGBImage {
    var rows: UnsafeMutablePointer<UInt8>?
    var width: Int32 = 0
    var height: Int32 = 0
    var components: Int32 = 0
    var isTruncated: Int32 = 0
    var message = [CChar](repeating: 0, count: Int(JMSG_LENGTH_MAX))
    let result = data.withUnsafeBytes { bytes in
      kess_jpeg_decode(
        bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), &rows, &width, &height,
        &components, &isTruncated, &message)
    }
    guard components != 4 else {
      throw VideoError.unsupportedImage(
        name: name, finding: "a CMYK JPEG, expected RGB or gray",
        remedy: "convert it to RGB with an image editor")
    }
    guard result == 0, let rows else {
      throw VideoError.damagedImage(name: name, finding: text(message))
    }
    defer { free(rows) }
    guard isTruncated == 0 else {
      throw VideoError.damagedImage(name: name, finding: "the JPEG data ends early")
    }
    let count = Int(width) * Int(height) * 3
    return RGBImage(
      width: Int(width), height: Int(height),
      pixels: Array(UnsafeBufferPointer(start: rows, count: count)))
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
