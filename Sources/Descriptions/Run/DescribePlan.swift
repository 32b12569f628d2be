import Datasets
import Records
import Video
import Workspaces

extension DescribeRun {
  /// Estimates the requests, tokens and hours of a run of these videos. It stores nothing. It
  /// sends the preflight's small requests and, to measure the rate, a few requests with
  /// pictures of the videos' size.
  ///
  /// - Parameters:
  ///   - frames: the number of frames per request.
  ///   - requestsAtOnce: the number of requests with which the rate is measured.
  /// - Throws: `DescriptionError`, `WorkspaceError`.
  ///   - progress: receives a number of finished steps, of two for each video, on any thread.
  public func planned(
    _ videos: [DatasetVideo], frames: Int, requestsAtOnce: Int,
    progress: @escaping @Sendable (_ steps: Int) -> Void = { _ in }
  ) async throws -> DescribePlan {
    let survey = try await selecting.run { try self.survey(videos) { progress(1) } }
    let open = survey.open
    var plan = DescribePlan()
    plan.videos = videos.count
    plan.items = survey.items.count + survey.unreadable.count
    plan.done = survey.items.count - open.count
    let (headers, failures) = try await selecting.run {
      Self.headers(of: open.map(\.video), progress: progress)
    }
    plan.unreadable = survey.unreadable.count + failures
    progress(videos.count - Set(open.map(\.video.path)).count)
    plan.warnings = headers.flatMap(\.warnings)
    plan.requests = headers.count
    plan.longVideos = headers.count {
      !$0.isPiece && $0.durationSeconds > VideoCutter.longVideoSeconds
    }
    guard let client = describer as? OpenAIDescriber else { return plan }
    plan.imageTokens = headers.reduce(0) { sum, info in
      sum + frames * (client.budget.cost(width: info.width, height: info.height)?.tokens ?? 0)
    }
    plan.outputTokens = headers.count * client.options.sampling.maximumTokens
    let sizes = headers.sorted { $0.width * $0.height < $1.width * $1.height }
    guard !sizes.isEmpty else { return plan }
    // With a tokenizer, the server need not be asked.
    let ready =
      client.textCounter == nil
      ? try await client.preflighted(
        prompt: prompt, frames: frames,
        sizes: Array(Set(headers.map { PictureSize(width: $0.width, height: $0.height) }))
      ).describer : client
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

  /// The properties of an item that are known before it is decoded.
  private struct ItemHeader: Sendable {
    let width: Int
    let height: Int
    /// The duration of the video or of the piece.
    let durationSeconds: Double
    let isPiece: Bool
    var warnings: [String] = []
  }

  /// The headers of items, each file's read once and on all cores, and the number of files
  /// that cannot be read.
  private static func headers(
    of videos: [DatasetVideo], progress: @escaping @Sendable (_ steps: Int) -> Void
  ) -> (headers: [ItemHeader], unreadable: Int) {
    var files: [DatasetVideo] = []
    for video in videos where files.last?.path != video.path { files.append(video) }
    let read = Parallel.map(files, jobs: Parallel.cores) { video -> VideoHeader? in
      let header = try? VideoHeader(path: video.path, view: video.view)
      progress(1)
      return header
    }
    var headers: [ItemHeader] = []
    var place = -1
    for video in videos {
      let isFirst = place < 0 || files[place].path != video.path
      if isFirst { place += 1 }
      guard let header = read[place] else { continue }
      let info = header.info
      let segment = video.segment
      headers.append(
        ItemHeader(
          width: info.width, height: info.height,
          durationSeconds: segment.map {
            max(0, min($0.span.upperBound, info.durationSeconds) - $0.span.lowerBound)
          } ?? info.durationSeconds, isPiece: segment != nil,
          warnings: isFirst
            ? header.warnings + (info.shapeAdvice.map { ["\(video.id): \($0)"] } ?? []) : []))
    }
    return (headers, read.count { $0 == nil })
  }
}

extension OpenAIDescriber {
  /// Measures how long this many requests at once take, with pictures of this size and answers
  /// as long as the model makes them. Answers that a run would reject count too.
  func measuredSeconds(
    prompt: PromptTemplate, frames: Int, width: Int, height: Int, durationSeconds: Double,
    requests: Int
  ) async throws -> Double {
    let questions = try (0..<requests).map { number in
      try prepare(
        DescriptionRequest(
          videoID: "plan", videoPath: "", durationSeconds: durationSeconds,
          frames: (0..<frames).compactMap { frame in
            try sentFrame(
              of: VideoFrame(
                frameIndex: frame,
                timestampSeconds: durationSeconds * Double(frame) / Double(frames),
                image: Self.noise(width: width, height: height, seed: number * frames + frame)))
          }, prompt: prompt))
    }
    let started = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for question in questions {
        group.addTask {
          do {
            _ = try await question.describe(lossesBefore: 0, recorder: nil)
          } catch DescriptionError.unusableAnswer {
            // The rejected answer took its time too.
          }
        }
      }
      try await group.waitForAll()
    }
    return (ContinuousClock.now - started) / .seconds(1)
  }

  /// A picture that is in no cache of the server.
  private static func noise(width: Int, height: Int, seed: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    for index in image.pixels.indices {
      // Soft blocks make the picture compress like a photograph.
      if index % 48 == 0 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
      image.pixels[index] = UInt8(truncatingIfNeeded: (state >> 40) &+ UInt64(index % 48))
    }
    return image
  }
}

/// The requests, tokens and hours of a run, estimated before it starts.
public struct DescribePlan: Codable, Sendable, Equatable {
  /// The chosen videos.
  public var videos = 0
  /// The items that are described: whole videos, and pieces of long ones.
  public var items = 0
  /// Videos of more than ten minutes that get a single description.
  public var longVideos = 0
  /// Items that already have an answer to the same question.
  public var done = 0
  /// Videos whose file cannot be read.
  public var unreadable = 0
  /// Requests that are left to send.
  public var requests = 0
  /// The prompt tokens of the images, by the size of each video's pictures and the model's
  /// rule; nil for a describer that sends none.
  public var imageTokens: Int?
  /// The prompt tokens of the texts, as the preflight measured them; nil if it did not.
  public var textTokens: Int?
  /// The maximum number of output tokens.
  public var outputTokens: Int?
  /// The number of requests, all at once, with which the rate was measured.
  public var measuredRequests: Int?
  public var requestsPerSecond: Double?
  /// The time for all requests at that rate.
  public var hours: Double?
  /// Faults of the files that the headers show, one line each.
  public var warnings: [String] = []

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

  /// The advice about long videos; nil if there are none.
  public var advice: String? {
    guard longVideos > 0 else { return nil }
    return "\(longVideos) videos are longer than 10 minutes and get one description each; "
      + "pass --segment 300 to describe them in pieces of 5 minutes"
  }

  private static func twoDecimals(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
