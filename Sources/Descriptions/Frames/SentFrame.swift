import Foundation
import Records
import Video

/// A frame as it is sent to a server: its JPEG, its cost in tokens and its time.
public struct SentFrame: Sendable, Equatable {
  /// A JPEG file.
  public var jpeg: Data
  /// The JPEG's size, and the prompt tokens that it should cost.
  public var cost: FrameCost
  /// The frame's time; in a piece of a video, seconds from the start of the piece.
  public var timestampSeconds: Double

  public init(jpeg: Data, cost: FrameCost, timestampSeconds: Double) {
    self.jpeg = jpeg
    self.cost = cost
    self.timestampSeconds = timestampSeconds
  }

  /// Resizes a decoded frame by a model's rule and compresses it.
  ///
  /// - Parameter jpegQuality: 1 to 100.
  /// - Throws: `DescriptionError.unusableFrame` if the model does not accept frames of this
  ///   shape; `VideoError` if the picture cannot be compressed.
  public init(_ frame: VideoFrame, budget: QwenImageBudget, jpegQuality: Int) throws {
    let cost = try budget.checkedCost(width: frame.image.width, height: frame.image.height)
    self.init(
      jpeg: try JPEGCodec.encode(
        frame.image.resized(width: cost.width, height: cost.height), quality: jpegQuality),
      cost: cost, timestampSeconds: frame.timestampSeconds)
  }
}

/// The frame that a request refers to, as the ledger stores it.
public struct RequestedFrame: Codable, Sendable, Equatable {
  /// The frame's number in display order, in the whole file.
  public let frameIndex: Int
  /// The frame's time; in a piece of a video, seconds from the start of the piece.
  public let timestampSeconds: Double
  /// SHA-256 of the decoded frame's size and pixels.
  public let hash: String
  /// The size at which the frame is sent; nil if it is not sent.
  public let sentWidth: Int?
  public let sentHeight: Int?
}

extension RequestedFrame {
  /// - Parameter sent: the frame as it is sent; nil for a describer that sends none.
  init(_ frame: VideoFrame, sent: SentFrame?) {
    var hash = ContentHash()
    hash.update("\(frame.image.width)x\(frame.image.height)")
    hash.update(frame.image.pixels)
    self.init(
      frameIndex: frame.frameIndex, timestampSeconds: frame.timestampSeconds,
      hash: hash.finalize(), sentWidth: sent?.cost.width, sentHeight: sent?.cost.height)
  }
}
