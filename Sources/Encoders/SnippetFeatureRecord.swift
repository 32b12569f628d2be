import Foundation

/// What is known of one video's snippet features: `<id>.json` beside them, written
/// after them, so that where it is the features are whole.
public struct SnippetFeatureRecord: Codable, Sendable, Equatable {
  /// The video's path when it was read; the first crop's file for imported features.
  public var path: String
  /// The file's length in bytes.
  public var fileBytes: Int
  /// What stood for the file's content when it was read: another one is read anew.
  /// Nil for imported features.
  public var contentHash: String?
  /// How many frames the snippets count: those that decode, or the ticks of
  /// `SnippetGrouping.time`; 16 a row for imported features, whose videos are
  /// not at hand.
  public var frameCount: Int
  /// How many frames decode; nil for imported features.
  public var decodedFrameCount: Int?
  /// Those frames per second on average, by the timestamps.
  public var frameRate: Double
  /// How many rows the features have.
  public var snippetCount: Int
  /// The numbers of the crops that are there.
  public var crops: [Int]
  /// The crop that scores a video, where a data set's own list says so.
  public var testCrop: Int?
  /// What the decoder had to say.
  public var warnings: [String]

  public init(
    path: String, fileBytes: Int, contentHash: String? = nil, frameCount: Int,
    decodedFrameCount: Int?, frameRate: Double, snippetCount: Int, crops: [Int] = [0],
    testCrop: Int? = nil, warnings: [String] = []
  ) {
    self.path = path
    self.fileBytes = fileBytes
    self.contentHash = contentHash
    self.frameCount = frameCount
    self.decodedFrameCount = decodedFrameCount
    self.frameRate = frameRate
    self.snippetCount = snippetCount
    self.crops = crops
    self.testCrop = testCrop
    self.warnings = warnings
  }

  /// When a snippet begins and ends, in seconds.
  public func interval(ofSnippet index: Int) -> ClosedRange<Double> {
    let rate = frameRate > 0 ? frameRate : 25
    let first = Double(index * SnippetFeatures.frameCount) / rate
    let last = Double(min((index + 1) * SnippetFeatures.frameCount, frameCount)) / rate
    return first...max(first, last)
  }
}
