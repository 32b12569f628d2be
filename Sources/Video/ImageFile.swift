import CFFmpeg
import Foundation

/// Reads still images: JPEG by libjpeg, PNG, BMP, WebP, TIFF and PNM by FFmpeg's
/// decoders, GIF's first frame.
///
/// JPEG and PNG give what Pillow's `Image.open(path).convert("RGB")` gives, sample
/// by sample: alpha is dropped, palettes are resolved, gray is repeated, orientation
/// tags are not applied.
public enum ImageFile {
  /// The picture in a file, known by its first bytes and not by its name.
  ///
  /// - Throws: `VideoError` for a missing or empty file, a folder, a damaged image,
  ///   a format that is not read.
  public static func read(path: String) throws -> RGBImage {
    let data = try InputFile.read(path)
    guard let format = ImageFormat(of: data) else {
      throw VideoError.unsupportedImage(
        name: path, finding: "not an image of a known format",
        remedy: "give a JPEG, PNG, BMP, WebP, TIFF, PNM or GIF file")
    }
    switch format {
    case .jpeg:
      return try JPEGCodec.decode(data, name: path)
    case .gif:
      guard let frame = try VideoReader(path: path).nextFrame() else {
        throw VideoError.damagedImage(name: path, finding: "no frame decodes")
      }
      return frame.image
    case .png, .bmp, .webp, .tiff, .pnm:
      return try StillImageDecoder.decode(data, format: format, name: path)
    }
  }

  /// Whether the file's first bytes are those of an image that `read` knows; false
  /// for what cannot be opened.
  public static func isImage(path: String) -> Bool {
    guard (try? InputFile.check(path)) != nil,
      let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    else { return false }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 32) else { return false }
    return ImageFormat(of: start) != nil
  }
}

/// Image formats, known by the first bytes of a file.
enum ImageFormat {
  case jpeg, png, bmp, webp, tiff, pnm, gif

  /// The format whose signature `data` begins with; nil for none of them.
  init?(of data: Data) {
    let start = Array(data.prefix(16))
    func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
      start.dropFirst(offset).starts(with: bytes)
    }
    if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if begins(Array("BM".utf8)), start.count == 16, begins([0, 0, 0, 0], at: 6) {
      self = .bmp
    } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if begins([0x49, 0x49, 0x2A, 0]) || begins([0x4D, 0x4D, 0, 0x2A]) {
      self = .tiff
    } else if start.count > 3, start[0] == 0x50, (0x31...0x36).contains(start[1]),
      [0x09, 0x0A, 0x0D, 0x20].contains(start[2])
    {
      self = .pnm
    } else if begins(Array("GIF8".utf8)) {
      self = .gif
    } else {
      return nil
    }
  }
}
