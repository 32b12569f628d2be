import Synchronization

/// Decodes chosen frames of a video, and only the frames on which they depend.
///
/// Wanted frames are grouped by the key frame at which their decoding begins. A run begins
/// at that key frame, drops pictures that no other picture needs, and ends after the last
/// wanted frame. Between runs it jumps in the file or reads on, whichever is cheaper. Runs
/// are independent, so each thread takes one. Pixels and timestamps equal those of
/// `VideoReader`.
public enum SparseFrames {
  /// The limit for converted frames that wait for the caller, in bytes.
  private static let budgetBytes = 64 << 20

  /// Gives the frames at `wanted` to `body`, in that order and on the caller's thread.
  ///
  /// - Parameters:
  ///   - wanted: Positions in the index's `timestamps`, strictly ascending. Without a
  ///     trustworthy index, they count the frames that decode.
  ///   - index: The file's index.
  ///   - scaling: The size of the frames.
  ///   - threads: Decoding threads; the frames are the same for any number.
  ///   - body: Receives every frame that decodes. The report lists the others.
  /// - Throws: `VideoError` if the file does not open or a frame cannot be converted to
  ///   RGB, and the errors of `body`.
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
    let counts = try run(wanted, of: index, size: size, threads: threads) { frame in
      guard let image = frame.image else { return }
      try body(
        VideoFrame(
          frameIndex: frame.index, timestampSeconds: index.timestamps[frame.index], image: image))
    }
    return SparseDecodeReport(index: index, counts: counts)
  }

  /// Decodes the frames at `wanted` without giving them. Finds frames that do not decode,
  /// and measures the cost of `decode` without conversion to RGB.
  public static func decodeOnly(
    at wanted: [Int], of index: FrameIndex, threads: Int = 1
  ) throws -> SparseDecodeReport {
    check(wanted, in: index)
    guard index.isTrustworthy else {
      return try decodeInOrder(wanted, of: index, scaledTo: nil, threads: threads) { _ in }
    }
    let counts = try run(wanted, of: index, size: nil, threads: threads) { _ in }
    return SparseDecodeReport(index: index, counts: counts)
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
  ) throws -> SparseDecodeCounts {
    DecodePasses.note(
      index.info.path, size.map { .exact(width: $0.width, height: $0.height) } ?? .native)
    let groups = FrameGroup.groups(of: wanted, in: index)
    let workers = min(max(1, threads), groups.count)
    guard workers > 1 else {
      let decoder = try makeDecoder(index, size: size, threads: threads)
      for group in groups { try decoder.decode(group, deliver: body) }
      return decoder.counts
    }
    let counts = Mutex(SparseDecodeCounts())
    let delivery = OrderedDelivery<SparseFrame>(jobCount: groups.count, budgetBytes: budgetBytes) {
      $0.image?.pixels.count ?? 0
    }
    try delivery.run(
      threads: workers,
      worker: { delivery in
        let decoder = try makeDecoder(index, size: size, threads: max(1, threads / workers))
        while let job = delivery.claim() {
          try decoder.decode(groups[job]) { try delivery.push($0, of: job) }
          delivery.finish(job)
        }
        counts.withLock { $0 += decoder.counts }
      }, body: body)
    return counts.withLock { $0 }
  }

  private static func makeDecoder(
    _ index: FrameIndex, size: (width: Int, height: Int)?, threads: Int
  ) throws -> any GroupDecoding {
    if let folder = index.imageFolder {
      return ImageFolderDecoder(
        folder: folder, size: size ?? (index.info.width, index.info.height),
        mask: index.view.mask)
    }
    return try GroupDecoder(index: index, size: size, threads: threads)
  }

  private static func decodeInOrder(
    _ wanted: [Int], of index: FrameIndex, scaledTo scaling: VideoScaling?, threads: Int,
    body: (VideoFrame) throws -> Void
  ) throws -> SparseDecodeReport {
    let reader = try VideoReader(
      path: index.info.path, view: index.view, scaledTo: scaling ?? .native, threads: threads)
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

/// The result of a sparse run over a video.
public struct SparseDecodeReport: Sendable, Equatable {
  /// The number of decoded frames, wanted or not: the cost of the run.
  public let decodedFrameCount: Int
  /// The display indices of wanted frames that did not decode, ascending.
  public let missing: [Int]
  /// The number of jumps in the file.
  public let seekCount: Int
  /// Whether the index was not trustworthy. Then everything was decoded from the start, and
  /// indices count the frames that decode.
  public let isSequential: Bool
  /// The problems, one line each.
  public let warnings: [String]

  /// The report of sparse runs over a trusted index.
  init(index: FrameIndex, counts: SparseDecodeCounts) {
    decodedFrameCount = counts.decodedFrameCount
    missing = counts.missing.sorted()
    seekCount = counts.seekCount
    isSequential = false
    let path = index.info.path
    var lines = index.warnings
    lines += CountedWarning.lines(
      [
        .damagedPackets(counts.damagedPacketCount), .damagedFrames(counts.damagedFrameCount),
        CountedWarning(
          count: missing.count, one: "wanted frame does not decode",
          many: "wanted frames do not decode"),
      ], path: path)
    if index.isComplete {
      lines += counts.readFailures.sorted().map { "\(path): reading ended early: \($0)" }
    }
    warnings = lines
  }

  /// The report of a pass from the start.
  init(index: FrameIndex, reader: VideoReader, missing: [Int]) {
    decodedFrameCount = reader.decodedFrameCount
    self.missing = missing
    seekCount = 0
    isSequential = true
    warnings = index.warnings + reader.warnings.filter { !index.warnings.contains($0) }
  }
}
