import Foundation
import Records

/// How the pictures of a video are read: the shape of its pixels, and the regions that are
/// ignored.
///
/// A view changes what every encoder, describer and report sees of a video, so its `record`
/// belongs into every record and key of what was made from the pictures.
public struct VideoView: Sendable, Hashable {
  /// The shape of the pixels, against the file's claim; nil for the claim.
  public var pixelAspect: PixelAspect?
  /// What is ignored; nil for nothing.
  public var mask: RegionMask?

  public init(pixelAspect: PixelAspect? = nil, mask: RegionMask? = nil) {
    self.pixelAspect = pixelAspect
    self.mask = mask
  }

  /// The file's own claim, nothing ignored.
  public static let asRecorded = VideoView()

  /// The view in records and keys; nil for `asRecorded`.
  public var record: VideoViewRecord? {
    guard self != .asRecorded else { return nil }
    return VideoViewRecord(pixelAspect: pixelAspect, mask: mask?.sha256)
  }
}

/// A view in a record.
public struct VideoViewRecord: Codable, Sendable, Hashable {
  /// The pixel aspect that replaced the file's claim; absent for the claim.
  public var pixelAspect: PixelAspect?
  /// `RegionMask.sha256`; absent without a mask.
  public var mask: String?

  public init(pixelAspect: PixelAspect? = nil, mask: String? = nil) {
    self.pixelAspect = pixelAspect
    self.mask = mask
  }

  /// The view as text for keys, always the same for equal views.
  public var keyText: String {
    "view \(pixelAspect?.description ?? "recorded") \(mask ?? "unmasked")"
  }
}

/// The shape of a pixel as it is displayed, width to height: `24:11` for the 352x576 pictures
/// that fill a 4:3 screen. FFmpeg calls it the sample aspect ratio.
public struct PixelAspect: Sendable, Hashable, Codable, CustomStringConvertible {
  public let width: Int
  public let height: Int

  /// Ratios beyond 1:8 and 8:1 are damaged headers.
  static let greatest = 8.0
  /// Ratios within half a percent of 1 are the rounding of a container's display size.
  static let tolerance = 0.005

  /// - Returns: nil unless both are positive and the ratio is between 1:8 and 8:1.
  public init?(width: Int, height: Int) {
    guard width > 0, height > 0 else { return nil }
    let ratio = Double(width) / Double(height)
    guard ratio <= Self.greatest, ratio >= 1 / Self.greatest else { return nil }
    var (a, b) = (width, height)
    while b != 0 { (a, b) = (b, a % b) }
    self.width = width / a
    self.height = height / a
  }

  /// Parses `24:11`, `24/11`, `2` or `1.0667`; nil for any other text.
  public init?(_ text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "/" }
    if parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]) {
      self.init(width: width, height: height)
    } else if parts.count == 1, let ratio = Double(text), ratio.isFinite, abs(ratio) < 1e6 {
      self.init(width: Int((ratio * 10_000).rounded()), height: 10_000)
    } else {
      return nil
    }
  }

  /// Width over height.
  public var ratio: Double { Double(width) / Double(height) }

  /// Whether a picture of such pixels needs no scaling.
  public var isSquare: Bool { abs(ratio - 1) < Self.tolerance }

  /// Such as `24:11`.
  public var description: String { "\(width):\(height)" }

  /// The size at which a coded picture is displayed. One side grows, so that no row and no
  /// column of the recording is lost.
  public func displaySize(width: Int, height: Int) -> (width: Int, height: Int) {
    if isSquare { return (width, height) }
    return ratio > 1
      ? (Int((Double(width) * ratio).rounded()), height)
      : (width, Int((Double(height) / ratio).rounded()))
  }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    let text = try (try? value.decode(String.self)) ?? "\(value.decode(Double.self))"
    guard let aspect = PixelAspect(text) else {
      throw DecodingError.dataCorruptedError(
        in: value, debugDescription: "'\(text)' is not a pixel aspect such as 2:1 or 24:11")
    }
    self = aspect
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A recording whose pixels are not square, as it is coded.
public struct CodedShape: Codable, Sendable, Equatable {
  /// Width in pixels, before scaling and rotation.
  public let width: Int
  /// Height in pixels, before scaling and rotation.
  public let height: Int
  public let pixelAspect: PixelAspect

  public init(width: Int, height: Int, pixelAspect: PixelAspect) {
    self.width = width
    self.height = height
    self.pixelAspect = pixelAspect
  }
}

/// The size at which a recording is shown.
struct DisplayShape {
  let width: Int
  let height: Int
  /// The size as coded; nil if the pixels are square.
  let coded: CodedShape?

  /// - Parameters:
  ///   - width: Width of the coded picture.
  ///   - height: Height of the coded picture.
  ///   - aspect: The shape of its pixels; nil for square ones.
  ///   - orientation: The turn for display.
  init(
    width: Int, height: Int, aspect: PixelAspect?, orientation: FrameOrientation = .init()
  ) {
    let square: (width: Int, height: Int) =
      aspect?.displaySize(width: width, height: height) ?? (width, height)
    (self.width, self.height) = orientation.displayed(width: square.width, height: square.height)
    coded = aspect.flatMap {
      $0.isSquare ? nil : CodedShape(width: width, height: height, pixelAspect: $0)
    }
  }
}

/// Sizes at which recorders store squeezed pictures, often without saying so.
public enum RecorderFormats {
  /// A coded size, the recorders' name for it, and the shape of its pixels on a 4:3 or 16:9
  /// screen (ITU-R BT.601 for the D1 family; 960H and the N formats by their full sizes).
  private static let squeezed: [(width: Int, height: Int, name: String, aspect: String)] = [
    (352, 576, "half D1", "24:11"), (352, 480, "half D1", "20:11"),
    (352, 288, "CIF", "12:11"), (704, 288, "2CIF", "6:11"), (704, 240, "2CIF", "5:11"),
    (720, 288, "2CIF", "8:15"), (720, 240, "2CIF", "4:9"),
    (960, 288, "half 960H", "2:5"), (960, 240, "half 960H", "1:3"),
    (480, 576, "half 960H", "8:5"), (480, 480, "half 960H", "4:3"),
    (960, 576, "960H", "4:5"), (960, 480, "960H", "2:3"),
    (640, 720, "720N", "2:1"), (960, 1080, "1080N", "2:1"), (944, 1080, "1080N", "2:1"),
    (928, 1080, "1080N", "2:1"), (1024, 1536, "3MN", "2:1"), (1280, 1440, "4MN", "2:1"),
    (1296, 1944, "5MN", "2:1"), (1280, 1920, "5MN", "2:1"), (1920, 2160, "8MN", "2:1"),
  ]

  /// The advice for a video whose file calls its pixels square although recorders squeeze
  /// pictures of this size; nil for other sizes. Sizes that differ by less than a fifth from
  /// square pixels get none.
  public static func advice(width: Int, height: Int) -> String? {
    guard let found = squeezed.first(where: { ($0.width, $0.height) == (width, height) }),
      let aspect = PixelAspect(found.aspect), aspect.ratio > 1.2 || aspect.ratio < 1 / 1.2
    else { return nil }
    let shape = aspect.displaySize(width: width, height: height)
    return "\(width)x\(height) pixels without an aspect ratio are a recorder's \(found.name); "
      + "where people look \(aspect.ratio > 1 ? "thin" : "flat"), "
      + "--pixel-aspect \(aspect) shows them at \(shape.width)x\(shape.height)"
  }
}
