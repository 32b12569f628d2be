/// What sparse runs count, on every thread of its own and added up at the end.
struct SparseTally: Sendable {
  /// Frames that the decoder gave, wanted or not.
  var decodedFrameCount = 0
  /// Jumps in the file.
  var seekCount = 0
  /// Packets that the decoder refused.
  var damagedPacketCount = 0
  /// Frames that the decoder marked as made from damaged data.
  var damagedFrameCount = 0
  /// Wanted frames that did not decode, as display indices.
  var missing: [Int] = []
  /// Complaints of the demuxer that ended reading early.
  var readFailures: Set<String> = []

  static func += (sum: inout SparseTally, other: SparseTally) {
    sum.decodedFrameCount += other.decodedFrameCount
    sum.seekCount += other.seekCount
    sum.damagedPacketCount += other.damagedPacketCount
    sum.damagedFrameCount += other.damagedFrameCount
    sum.missing += other.missing
    sum.readFailures.formUnion(other.readFailures)
  }
}
