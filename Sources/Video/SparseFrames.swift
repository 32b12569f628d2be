import Synchronization

/// Decodes chosen frames of a video without decoding what they do not need.
///
/// Wanted frames are grouped by the key frame that governs them. A run begins at that
/// key frame, drops pictures that no other one needs, and ends after the last wanted
/// frame; the way from run to run is a jump in the file or reading on, whichever is
/// cheaper. Runs need nothing of each other, so that threads take one each. Pixels
/// and timestamps equal those of `VideoReader`.
public enum SparseFrames {
  /// Converted frames that may wait for the caller, in bytes.
  private static let budgetBytes = 64 << 20

  /// Gives the frames at `wanted` to `body`, in that order and on the caller's thread.
  ///
  /// - Parameters:
  ///   - wanted: Positions in the index's `timestamps`, strictly ascending. Where the
  ///     index cannot be trusted, they count the frames that decode.
  ///   - index: The file's index.
  ///   - scaling: The size of the frames.
  ///   - threads: Decoding threads; the frames are the same for any number.
  ///   - body: Gets every frame that decodes; those that do not are in the report.
  /// - Throws: `VideoError` where the file does not open or a frame's format has no
  ///   way to RGB, and what `body` throws.
  @discardableResult
  public static func decode(
    at wanted: [Int], of index: FrameIndex, scaledTo scaling: VideoScaling = .native,
    threads: Int = 1, body: (VideoFrame) throws -> Void
  ) throws -> SparseDecodeReport {
    check(wanted, in: index)
    guard index.isTrustworthy else {
      return try decodeInOrder(wanted, of: index, scaledTo: scaling, threads: threads, body: body)
    }
    let size = scaling.size(width: index.info.width, height: index.info.height)
    let tally = try run(wanted, of: index, size: size, threads: threads) { frame in
      guard let image = frame.image else { return }
      try body(
        VideoFrame(
          frameIndex: frame.index, timestampSeconds: index.timestamps[frame.index], image: image))
    }
    return SparseDecodeReport(index: index, tally: tally)
  }

  /// Decodes the frames at `wanted` and gives nothing: what `decode` costs without
  /// conversion to RGB, and which frames are sound.
  public static func decodeOnly(
    at wanted: [Int], of index: FrameIndex, threads: Int = 1
  ) throws -> SparseDecodeReport {
    check(wanted, in: index)
    guard index.isTrustworthy else {
      return try decodeInOrder(wanted, of: index, scaledTo: nil, threads: threads) { _ in }
    }
    let tally = try run(wanted, of: index, size: nil, threads: threads) { _ in }
    return SparseDecodeReport(index: index, tally: tally)
  }

  private static func check(_ wanted: [Int], in index: FrameIndex) {
    precondition(
      zip(wanted, wanted.dropFirst()).allSatisfy { $0 < $1 }, "wanted frames must ascend")
    precondition(wanted.first.map { $0 >= 0 } ?? true, "a wanted frame is negative")
    precondition(
      !index.isTrustworthy || wanted.last.map { $0 < index.frameCount } ?? true,
      "a wanted frame is beyond the index's \(index.frameCount)")
  }

  private static func run(
    _ wanted: [Int], of index: FrameIndex, size: (width: Int, height: Int)?, threads: Int,
    body: (SparseFrame) throws -> Void
  ) throws -> SparseTally {
    let groups = FrameGroup.groups(of: wanted, in: index)
    let workers = min(max(1, threads), groups.count)
    guard workers > 1 else {
      let decoder = try GroupDecoder(index: index, size: size, threads: threads)
      for group in groups { try decoder.decode(group, deliver: body) }
      return decoder.tally
    }
    let tally = Mutex(SparseTally())
    let delivery = OrderedDelivery<SparseFrame>(jobCount: groups.count, budgetBytes: budgetBytes) {
      $0.image?.pixels.count ?? 0
    }
    try delivery.run(
      threads: workers,
      worker: { delivery in
        let decoder = try GroupDecoder(index: index, size: size, threads: max(1, threads / workers))
        while let job = delivery.claim() {
          try decoder.decode(groups[job]) { try delivery.push($0, of: job) }
          delivery.finish(job)
        }
        tally.withLock { $0 += decoder.tally }
      }, body: body)
    return tally.withLock { $0 }
  }

  private static func decodeInOrder(
    _ wanted: [Int], of index: FrameIndex, scaledTo scaling: VideoScaling?, threads: Int,
    body: (VideoFrame) throws -> Void
  ) throws -> SparseDecodeReport {
    let reader = try VideoReader(
      path: index.info.path, scaledTo: scaling ?? .native, threads: threads)
    var found = 0
    while found < wanted.count {
      if scaling != nil, reader.decodedFrameCount == wanted[found] {
        guard let frame = try reader.nextFrame() else { break }
        found += 1
        try body(frame)
      } else if let skipped = try reader.skipFrame() {
        if skipped.frameIndex == wanted[found] { found += 1 }
      } else {
        break
      }
    }
    return SparseDecodeReport(index: index, reader: reader, missing: Array(wanted[found...]))
  }
}
