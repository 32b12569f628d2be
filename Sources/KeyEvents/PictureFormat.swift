import Foundation
import Video

/// In what form chosen frames are written.
public struct PictureFormat: Sendable, Equatable {
  /// The file's kind and extension.
  public enum Kind: String, Sendable, CaseIterable {
    case jpeg, png

    /// Without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : "png" }
  }

  public var kind: Kind
  /// The longer side at most this many pixels, never enlarged; nil for the video's size.
  public var longestSide: Int?
  /// 1 to 100, of JPEG.
  public var quality: Int

  public init(kind: Kind = .jpeg, longestSide: Int? = nil, quality: Int = 90) {
    self.kind = kind
    self.longestSide = longestSide
    self.quality = quality
  }

  /// A picture's file.
  ///
  /// - Throws: `VideoError.cannotEncode`.
  public func encode(_ image: RGBImage) throws -> Data {
    var image = image
    if let longestSide {
      let size = VideoScaling.longestSide(longestSide).size(
        width: image.width, height: image.height)
      image = image.resized(width: size.width, height: size.height)
    }
    return switch kind {
    case .jpeg: try JPEGCodec.encode(image, quality: quality)
    case .png: try PNGCodec.encode(image)
    }
  }
}
