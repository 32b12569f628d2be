/// What a run has before it: requests, tokens and hours, before the first is sent.
public struct DescribePlan: Codable, Sendable, Equatable {
  /// Videos that were asked for.
  public var videos = 0
  /// Items that they are described as: pieces of long videos, and whole ones.
  public var items = 0
  /// Videos of more than ten minutes that get a single description.
  public var longVideos = 0
  /// Of the items, those that have an answer to this very question.
  public var done = 0
  /// Videos whose file cannot be read.
  public var unreadable = 0
  /// Requests that are left.
  public var requests = 0
  /// Prompt tokens of the images, by the size of each video's pictures and the
  /// model's rule; nil for a describer that sends none.
  public var imageTokens: Int?
  /// Prompt tokens of the texts, as the preflight measured them; nil where it did not.
  public var textTokens: Int?
  /// Output tokens at most.
  public var outputTokens: Int?
  /// How many requests the rate was measured with, all at once.
  public var measuredRequests: Int?
  public var requestsPerSecond: Double?
  /// At that rate.
  public var hours: Double?

  public init() {}

  /// The plan in one line.
  public var line: String {
    let pieces = items > videos ? " in \(items) pieces" : ""
    var parts = [
      "\(videos) videos\(pieces)\(done > 0 ? " (\(done) done)" : "")", "\(requests) requests",
    ]
    if unreadable > 0 { parts.append("\(unreadable) unreadable") }
    if let imageTokens { parts.append("\(imageTokens) image tokens") }
    if let textTokens { parts.append("\(textTokens) text tokens") }
    if let outputTokens { parts.append("at most \(outputTokens) output tokens") }
    if let requestsPerSecond, let measuredRequests, let hours {
      parts.append(
        "\(Self.twoDecimals(requestsPerSecond)) requests/s (measured on \(measuredRequests))")
      parts.append("\(Self.twoDecimals(hours)) h")
    }
    return "describe: " + parts.joined(separator: ", ")
  }

  /// What to say of long videos; nil where there are none.
  public var advice: String? {
    guard longVideos > 0 else { return nil }
    return "\(longVideos) videos are longer than 10 minutes and get one description each; "
      + "--segment 300 describes them in pieces of 5 minutes"
  }

  private static func twoDecimals(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
