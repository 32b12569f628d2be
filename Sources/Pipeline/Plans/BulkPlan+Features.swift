import Encoders
import KeyEvents
import Records
import Video

extension BulkPlan {
  /// The plan of extracting the snippet features that are missing in a store.
  ///
  /// The containers' headers give the number of frames, which is quick and mostly right. The
  /// rate is that of encoding alone, without decoding.
  ///
  /// - Parameter contentHash: as for `VisualFeatureStage`. A video that it cannot measure is
  ///   left to do; the stage then reports why it fails.
  public static func features(
    _ videos: [(id: String, path: String)], store: SnippetFeatureStore, jobs: Int,
    command: String = "features",
    contentHash: @Sendable (String) throws -> String = VisualFeatureStage.measuredHash
  ) throws -> BulkPlan {
    let left = try videos.filter { video in
      let unknown = VideoFingerprint.unmeasured.hash
      return try store.record(
        id: video.id, of: video.path, contentHash: (try? contentHash(video.path)) ?? unknown)
        == nil
    }
    var plan = BulkPlan(
      command: command, items: videos.count, done: videos.count - left.count, unreadable: 0,
      images: 0, measuredImages: 0, imagesPerSecond: nil, jobs: jobs)
    guard let encoder = store.encoder, !left.isEmpty else { return plan }
    let frames = frameCounts(of: left.map(\.path), jobs: jobs)
    plan.unreadable = frames.count { $0 == nil }
    let perSnippet = encoder.frameOffsets.count * encoder.crops.count
    plan.images = frames.compactMap { $0 }.reduce(0) { sum, info in
      let ticks =
        store.provenance.grouping == .time
        ? Int(info.seconds * SnippetGrouping.ticksPerSecond) : info.frames
      return sum + max(1, ticks / Snippet.frameCount) * perSnippet
    }
    let rate = try EncodingRate.measure(
      paths: left.map(\.path), jobs: min(jobs, left.count), scaledTo: encoder.preferredScaling,
      crops: encoder.crops
    ) { pictures in
      if let clip = encoder as? CLIPSnippetEncoder {
        _ = try clip.model.encodeImages(pictures)
      } else {
        _ = try encoder.encodeSnippet(pictures, previous: nil)
      }
    }
    plan.measuredImages = rate?.images ?? 0
    plan.imagesPerSecond = rate?.imagesPerSecond
    return plan
  }

  /// The plan of encoding the candidates of a selection over many videos.
  ///
  /// - Parameters:
  ///   - frames: the number of key frames per video.
  ///   - encoder: nil if nothing is encoded; then no rate is measured.
  ///   - done: further items that are done already.
  public static func selection(
    _ paths: [String], frames: Int, encoder: (any ImageEncoder)?, jobs: Int,
    command: String = "select", done: Int = 0
  ) throws -> BulkPlan {
    let counts = frameCounts(of: paths, jobs: jobs)
    let images = counts.compactMap { $0 }.reduce(0) { sum, info in
      let sampler = CandidateSampler(frames: frames, durationSeconds: info.seconds)
      return sum + min(info.frames, max(1, Int(info.seconds * sampler.perSecond)))
    }
    let rate = try encoder.flatMap { encoder in
      try EncodingRate.measure(paths: paths, jobs: min(jobs, paths.count)) {
        _ = try encoder.encodeImages($0)
      }
    }
    return BulkPlan(
      command: command, items: paths.count + done, done: done,
      unreadable: counts.count { $0 == nil },
      images: images, measuredImages: rate?.images ?? 0, imagesPerSecond: rate?.imagesPerSecond,
      jobs: jobs)
  }

  /// The sizes in the videos' headers; nil for a video that cannot be opened.
  private static func frameCounts(of paths: [String], jobs: Int) -> [(
    frames: Int, seconds: Double
  )?] {
    Parallel.map(paths, jobs: jobs) {
      path -> (frames: Int, seconds: Double)? in
      guard let info = try? VideoHeader(path: path).info else { return nil }
      let frames =
        info.claimedFrameCount ?? Int(info.durationSeconds * info.averageFrameRate)
      let seconds =
        info.durationSeconds > 0
        ? info.durationSeconds : Double(frames) / max(info.averageFrameRate, 1)
      return (frames, seconds)
    }.map { $0 ?? nil }
  }
}
