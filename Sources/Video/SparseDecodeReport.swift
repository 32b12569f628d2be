/// What a sparse run over a video found.
public struct SparseDecodeReport: Sendable, Equatable {
  /// Frames that the decoder gave, wanted or not: the cost of the run.
  public let decodedFrameCount: Int
  /// Display indices that were wanted and did not decode, ascending.
  public let missing: [Int]
  /// Jumps in the file.
  public let seekCount: Int
  /// Whether the index could not be trusted, so that everything was decoded from the
  /// start and indices count the frames that decode.
  public let isSequential: Bool
  /// What was found wrong, one line each.
  public let warnings: [String]

  /// The report of sparse runs over a trusted index.
  init(index: FrameIndex, tally: SparseTally) {
    decodedFrameCount = tally.decodedFrameCount
    missing = tally.missing.sorted()
    seekCount = tally.seekCount
    isSequential = false
    let path = index.info.path
    var lines = index.warnings
    lines += CountedWarning.lines(
      [
        .damagedPackets(tally.damagedPacketCount), .damagedFrames(tally.damagedFrameCount),
        CountedWarning(
          count: missing.count, one: "wanted frame does not decode",
          many: "wanted frames do not decode"),
      ], path: path)
    if index.isComplete {
      lines += tally.readFailures.sorted().map { "\(path): reading ended early: \($0)" }
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
