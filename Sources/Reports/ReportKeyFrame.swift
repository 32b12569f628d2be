import Foundation
import Video

/// A key frame as the report shows it.
public struct ReportKeyFrame: Codable, Sendable, Equatable {
  public var timestampSeconds: Double
  /// The picture as JPEG (or PNG) bytes; a width of 240 pixels is plenty.
  public var image: Data?
  /// The frame's role in the selection, such as "peak".
  public var role: String?
  /// Why it was chosen, in words.
  public var reason: String?

  public init(
    timestampSeconds: Double, image: Data?, role: String? = nil, reason: String? = nil
  ) {
    self.timestampSeconds = timestampSeconds
    self.image = image
    self.role = role
    self.reason = reason
  }
  /// A key frame with a thumbnail of a picture: 240 pixels wide, or as it is
  /// where it is smaller; 5 to 15 kB.
  public init(
    timestampSeconds: Double, thumbnailOf picture: RGBImage, role: String? = nil,
    reason: String? = nil
  ) throws {
    let width = 240
    let small =
      picture.width <= width
      ? picture
      : picture.resized(width: width, height: max(1, picture.height * width / picture.width))
    self.init(
      timestampSeconds: timestampSeconds, image: try JPEGCodec.encode(small, quality: 80),
      role: role, reason: reason)
  }
}
