import Foundation

/// A video that has no answer to what is asked about it now, and why.
public struct LedgerFailure: Codable, Sendable, Equatable {
  public var videoID: String
  /// The video that it is a piece of; nil for a whole video.
  public var segmentOf: String?
  /// The file.
  public var path: String
  public var split: String?
  /// What failed last: choosing frames, or asking.
  public var stage: LedgerAttempt.Stage
  /// How many tries at it failed so far.
  public var tries: Int
  /// Who was asked last; nil for what runs in the process.
  public var endpoint: String?
  /// The HTTP status, where there was an answer.
  public var httpStatus: Int?
  /// Why, as failures are counted; nil for tries of before causes were recorded.
  public var cause: AttemptCause?
  /// What went wrong last, in words.
  public var error: String
  /// When the last try began.
  public var lastTried: Date
}
