/// Decodes groups of wanted frames, on one thread at a time.
protocol GroupDecoding: AnyObject {
  /// What was counted so far.
  var tally: SparseTally { get }
  /// Gives a group's frames in display order; what does not decode is counted as
  /// missing.
  func decode(_ group: FrameGroup, deliver: (SparseFrame) throws -> Void) throws
}
