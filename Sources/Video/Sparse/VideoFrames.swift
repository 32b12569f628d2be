/// Reads single frames of a video.
public enum VideoFrames {
  /// The frames with these display indices at native size, in the order of `indices`, which
  /// may repeat. With a trustworthy index only the necessary frames are decoded, otherwise
  /// all frames up to the last wanted one.
  ///
  /// - Throws: `VideoError.noSuchFrame` for an index that is negative, beyond the last
  ///   frame, or of a frame that does not decode, and the errors of `VideoReader`.
  public static func frames(
    at indices: [Int], of path: String, view: VideoView = .asRecorded
  ) throws -> [VideoFrame] {
    try frames(at: indices, of: FrameIndex(path: path, view: view))
  }

  /// The frames with these display indices of an indexed video.
  public static func frames(at indices: [Int], of index: FrameIndex) throws -> [VideoFrame] {
    var found: [Int: VideoFrame] = [:]
    try forEach(at: Set(indices).sorted(), of: index) { found[$0.frameIndex] = $0 }
    return indices.compactMap { found[$0] }
  }

  /// Gives frames one at a time, in order.
  ///
  /// - Parameters:
  ///   - wanted: display indices, strictly ascending.
  ///   - threads: decoding threads.
  /// - Throws: as `frames`, and the errors of `body`.
  public static func forEach(
    at wanted: [Int], of index: FrameIndex, threads: Int = 1, body: (VideoFrame) throws -> Void
  ) throws {
    let path = index.info.path
    if let first = wanted.first, first < 0 { throw try missing(first, of: path) }
    let beyond = index.isTrustworthy ? wanted.first { $0 >= index.frameCount } : nil
    if let beyond { throw try missing(beyond, of: path) }
    let report = try SparseFrames.decode(at: wanted, of: index, threads: threads, body: body)
    if let lost = report.missing.first { throw try missing(lost, of: path) }
  }

  /// The error for an index without a frame, with the true count from a full decode.
  private static func missing(_ index: Int, of path: String) throws -> VideoError {
    let count = try timestamps(of: path).count
    return .noSuchFrame(path: path, index: index, frameCount: count)
  }

  /// The time in seconds of every frame that decodes, in display order. Their count is the
  /// true frame count. Costs a full decode without conversion.
  public static func timestamps(of path: String, threads: Int = 1) throws -> [Double] {
    let reader = try VideoReader(path: path, threads: threads)
    var seconds: [Double] = []
    while let frame = try reader.skipFrame() { seconds.append(frame.timestampSeconds) }
    return seconds
  }
}
