import Encoders
import Foundation
import Records
import Video

/// An encoder's images per second, measured on frames of real videos.
public struct EncodingRate: Sendable, Equatable {
  public var images: Int
  public var seconds: Double

  public var imagesPerSecond: Double { Double(images) / max(seconds, 1e-9) }

  /// The number of images that each job encodes.
  private static let imagesPerJob = 8

  /// Measures under the conditions of the real work: `jobs` threads at once, each with its own
  /// video. One image is encoded before the clock starts, to load weights and buffers.
  ///
  /// - Parameters:
  ///   - paths: videos to take frames from; unreadable ones are skipped.
  ///   - crops: the parts of a frame that are encoded.
  ///   - encode: encodes images.
  /// - Returns: nil if no frame could be read.
  /// - Throws: the errors of `encode`.
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
    let failures = Parallel.map(batches, jobs: batches.count) {
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
