/// A wanted frame on its way out of a sparse run.
struct SparseFrame: Sendable {
  /// Its display index.
  var index: Int
  /// The picture; nil where only decoding was asked for.
  var image: RGBImage?
}
