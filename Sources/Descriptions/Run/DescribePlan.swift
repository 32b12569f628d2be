import Datasets
import Video
import Workspaces

extension DescribeRun {
  /// What a run of these videos has before it. Nothing is stored and, beyond the
  /// preflight's small requests, only the rate is measured, with pictures of the
  /// videos' size.
  ///
  /// - Parameters:
  ///   - frames: how many frames a request has.
  ///   - requestsAtOnce: how many requests the rate is measured with.
  /// - Throws: `DescriptionError`, `WorkspaceError`.
  public func planned(_ videos: [DatasetVideo], frames: Int, requestsAtOnce: Int) async throws
    -> DescribePlan
  {
    let survey = try await selecting.run { try self.survey(videos) }
    let left = survey.items.filter { survey.answered[$0.video.id] == nil }
    var plan = DescribePlan()
    plan.videos = videos.count
    plan.items = survey.items.count + survey.unreadable.count
    plan.done = survey.items.count - left.count
    let (headers, unreadable) = try await selecting.run { Self.headers(of: left.map(\.video)) }
    plan.unreadable = survey.unreadable.count + unreadable
    plan.requests = headers.count
    plan.longVideos = headers.count {
      !$0.isPiece && $0.durationSeconds > LongFootage.longestSeconds
    }
    guard let client = describer as? OpenAIDescriber else { return plan }
    plan.imageTokens = headers.reduce(0) { sum, info in
      sum + frames * (client.budget.cost(width: info.width, height: info.height)?.tokens ?? 0)
    }
    plan.outputTokens = headers.count * client.options.sampling.maximumTokens
    let sizes = headers.sorted { $0.width * $0.height < $1.width * $1.height }
    guard !sizes.isEmpty else { return plan }
    // What a tokenizer counts needs no question.
    let ready =
      client.textCounter == nil
      ? try await client.preflighted(prompt: prompt, frames: frames).describer : client
    if let cost = ready.textCounter {
      plan.textTokens = headers.reduce(0) { sum, info in
        let times = (0..<frames).map { info.durationSeconds * Double($0) / Double(frames) }
        return sum
          + cost.textTokens(
            of: prompt.render(durationSeconds: info.durationSeconds, frameSeconds: times))
      }
    }
    let middle = sizes[sizes.count / 2]
    let count = min(requestsAtOnce, headers.count)
    let seconds = try await ready.measuredSeconds(
      prompt: prompt, frames: frames, width: middle.width, height: middle.height,
      durationSeconds: middle.durationSeconds, requests: count)
    plan.measuredRequests = count
    plan.requestsPerSecond = Double(count) / seconds
    plan.hours = Double(headers.count) * seconds / Double(count) / 3600
    return plan
  }

  /// What is known of an item before it is decoded.
  private struct ItemHeader: Sendable {
    let width: Int
    let height: Int
    /// A piece's own.
    let durationSeconds: Double
    let isPiece: Bool
  }

  /// The headers of items, each file's read once, and how many files cannot be read.
  private static func headers(of videos: [DatasetVideo]) -> (headers: [ItemHeader], unreadable: Int)
  {
    var headers: [ItemHeader] = []
    var last: (path: String, info: VideoInfo?)?
    var unreadable = 0
    for video in videos {
      if last?.path != video.path {
        last = (video.path, try? VideoReader(path: video.path).info)
        if last?.info == nil { unreadable += 1 }
      }
      guard let info = last?.info else { continue }
      let segment = video.segment
      headers.append(
        ItemHeader(
          width: info.width, height: info.height,
          durationSeconds: segment.map {
            max(0, min($0.span.upperBound, info.durationSeconds) - $0.span.lowerBound)
          } ?? info.durationSeconds, isPiece: segment != nil))
    }
    return (headers, unreadable)
  }
}

extension OpenAIDescriber {
  /// How long so many requests at once take, with pictures of a size and answers as
  /// long as the model makes them. An answer that a run would not keep counts too.
  func measuredSeconds(
    prompt: PromptTemplate, frames: Int, width: Int, height: Int, durationSeconds: Double,
    requests: Int
  ) async throws -> Double {
    let questions = try (0..<requests).map { number in
      try prepare(
        DescriptionRequest(
          videoID: "plan", videoPath: "", durationSeconds: durationSeconds,
          frames: (0..<frames).map { frame in
            ShownFrame(
              picture: .decoded(
                Self.noise(width: width, height: height, seed: number * frames + frame)),
              timestampSeconds: durationSeconds * Double(frame) / Double(frames))
          }, prompt: prompt))
    }
    let started = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for question in questions {
        group.addTask {
          do {
            _ = try await question.describe(lossesBefore: 0, recorder: nil)
          } catch DescriptionError.unusableAnswer {
            // It took its time all the same.
          }
        }
      }
      try await group.waitForAll()
    }
    return (ContinuousClock.now - started) / .seconds(1)
  }

  /// A picture that no cache of the server knows.
  private static func noise(width: Int, height: Int, seed: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    for index in image.pixels.indices {
      // Soft blocks, so that the picture compresses as a photograph does.
      if index % 48 == 0 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
      image.pixels[index] = UInt8(truncatingIfNeeded: (state >> 40) &+ UInt64(index % 48))
    }
    return image
  }
}

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
