import Encoders
import Foundation
import Pipeline
import Video

/// How many pictures a second an encoder does, measured on frames of real videos.
public struct EncodingRate: Sendable, Equatable {
  public var images: Int
  public var seconds: Double

  public var imagesPerSecond: Double { Double(images) / max(seconds, 1e-9) }

  /// Pictures that each job encodes.
  private static let imagesPerJob = 8

  /// Measures as the work will be done: `jobs` threads at once, each on its own
  /// video. What is encoded once before the clock starts loads weights and buffers.
  ///
  /// - Parameters:
  ///   - paths: videos to take frames from; those that cannot be read are passed over.
  ///   - crops: the parts of a frame that are encoded.
  ///   - encode: encodes pictures.
  /// - Returns: nil where no frame could be had.
  /// - Throws: what `encode` throws.
  public static func measure(
    paths: [String], jobs: Int, scaledTo scaling: VideoScaling = .native,
    crops: FrameCrops = .whole, encode: @escaping @Sendable ([RGBImage]) throws -> Void
  ) throws -> EncodingRate? {
    var batches: [[RGBImage]] = []
    for path in paths where batches.count < max(1, jobs) {
      guard let frames = try? firstFrames(of: path, scaledTo: scaling), !frames.isEmpty else {
        continue
      }
      batches.append(Array(frames.lazy.flatMap(crops.pictures).prefix(imagesPerJob)))
    }
    guard let first = batches.first else { return nil }
    while batches.count < min(jobs, paths.count) { batches.append(first) }
    try encode(Array(first.prefix(1)))
    let start = ContinuousClock.now
    let failures = VideoWorkers.map(batches, jobs: batches.count) {
      batch -> (any Error)? in
      do {
        try encode(batch)
        return nil
      } catch {
        return error
      }
    }
    if let failure = failures.compactMap({ $0 ?? nil }).first { throw failure }
    return EncodingRate(
      images: batches.reduce(0) { $0 + $1.count },
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private static func firstFrames(of path: String, scaledTo scaling: VideoScaling) throws
    -> [RGBImage]
  {
    let reader = try VideoReader(path: path, scaledTo: scaling)
    var frames: [RGBImage] = []
    while frames.count < imagesPerJob, let frame = try reader.nextFrame() {
      frames.append(frame.image)
    }
    return frames
  }
}
