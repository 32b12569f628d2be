/// Picks single frames out of a video.
public enum VideoFrames {
  /// The frames with these display indices, in the order of `indices` (which may
  /// repeat), at native size, in one pass that stops after the last one.
  ///
  /// - Throws: `VideoError.noSuchFrame` for an index that is negative or beyond the
  ///   last frame that decodes, and what `VideoReader` throws.
  public static func frames(at indices: [Int], of path: String) throws -> [VideoFrame] {
    let reader = try VideoReader(path: path)
    let wanted = Set(indices)
    guard let last = wanted.max() else { return [] }
    var found: [Int: VideoFrame] = [:]
    while reader.decodedFrameCount <= last {
      if wanted.contains(reader.decodedFrameCount) {
        guard let frame = try reader.nextFrame() else { break }
        found[frame.frameIndex] = frame
      } else if try reader.skipFrame() == nil {
        break
      }
    }
    return try indices.map { index in
      guard let frame = found[index] else {
        while try reader.skipFrame() != nil {}
        throw VideoError.noSuchFrame(
          path: path, index: index, frameCount: reader.decodedFrameCount)
      }
      return frame
    }
  }

  /// The time in seconds of every frame that decodes, in display order: its count
  /// is the true frame count. Costs a full decode, without conversion.
  public static func timestamps(of path: String, threads: Int = 1) throws -> [Double] {
    let reader = try VideoReader(path: path, threads: threads)
    var seconds: [Double] = []
    while let frame = try reader.skipFrame() { seconds.append(frame.timestampSeconds) }
    return seconds
  }
}
