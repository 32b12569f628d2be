/// Where a snippet's frames change to another shot.
enum SnippetShot {
  /// The longest run of frames without a cut, the later of two equal ones, and the motion from
  /// each of them to the next.
  static func longest(_ images: [MotionImage]) -> (images: [MotionImage], fields: [MotionField]) {
    let fields = zip(images, images.dropFirst()).map { MotionField(from: $0, to: $1) }
    let cuts = fields.indices.filter { isCut(fields[$0], from: images[$0], to: images[$0 + 1]) }
    var best = 0..<0
    var start = 0
    for end in cuts.map({ $0 + 1 }) + [images.count] {
      if end - start >= best.count { best = start..<end }
      start = end
    }
    return (Array(images[best]), Array(fields[best.lowerBound..<(best.upperBound - 1)]))
  }

  /// Whether most of the picture changed beyond recognition: no displacement explains it.
  static func isCut(_ field: MotionField, from before: MotionImage, to after: MotionImage) -> Bool {
    let changed = field.residual.filter { $0 > 6 }.count
    guard changed * 5 > field.residual.count * 2 else { return false }
    return before.resemblance(to: after) < 0.8
  }
}

extension MotionImage {
  /// The correlation of the coarsest levels, -1 to 1: a flash leaves it high, another scene
  /// does not.
  func resemblance(to other: MotionImage) -> Float {
    let (a, b) = (levels[2].samples, other.levels[2].samples)
    let (meanA, meanB) = (a.reduce(0, +) / Float(a.count), b.reduce(0, +) / Float(b.count))
    var (ab, aa, bb): (Float, Float, Float) = (0, 0, 0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    return ab / max((aa * bb).squareRoot(), 1e-3)
  }
}
