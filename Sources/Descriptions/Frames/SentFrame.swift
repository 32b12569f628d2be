import Foundation

/// A frame as a request has it: named by its pixels, its picture ready to be sent.
struct ReadyFrame: Sendable, Equatable {
  /// The frame's number in display order, in the whole file.
  let frameIndex: Int
  /// The frame's time; of a piece of a video, from the piece's start.
  let timestampSeconds: Double
  /// SHA-256 of its size and pixels, as decoded.
  let hash: String
  /// Nil for a describer that sends no frames.
  let picture: SentPicture?
}

/// A picture in the bytes that a server gets.
public struct SentPicture: Sendable, Equatable {
  /// A JPEG file.
  public var jpeg: Data
  /// Its size, and the prompt tokens that it should cost.
  public var cost: FrameCost

  public init(jpeg: Data, cost: FrameCost) {
    self.jpeg = jpeg
    self.cost = cost
  }
}

/// One frame of a request, as the ledger keeps it.
public struct RequestedFrame: Codable, Sendable, Equatable {
  /// The frame's number in display order, in the whole file.
  public let frameIndex: Int
  /// The frame's time; of a piece of a video, from the piece's start.
  public let timestampSeconds: Double
  /// SHA-256 of its size and pixels, as decoded.
  public let hash: String
  /// The size at which it is sent; nil where it is not.
  public let sentWidth: Int?
  public let sentHeight: Int?

  init(_ frame: ReadyFrame) {
    frameIndex = frame.frameIndex
    timestampSeconds = frame.timestampSeconds
    hash = frame.hash
    sentWidth = frame.picture?.cost.width
    sentHeight = frame.picture?.cost.height
  }
}
