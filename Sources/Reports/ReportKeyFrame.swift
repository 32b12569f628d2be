import Foundation

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
}
