/// How much neighbouring blocks differ in their motion (after the motion boundary histograms of
/// Dalal, Triggs and Schmid, 2006).
extension SnippetDescriptor {
  /// `SnippetDescriptorLayout.boundaries`: differences between neighbouring blocks'
  /// displacements: for each component 4 orientations of the difference, absolute and as parts
  /// of the whole; the whole against the motion; the greatest; the same at a distance of two
  /// blocks; what a local affine motion does not explain; what no displacement explains.
  func boundaries() -> [Float] {
    let path = speeds.reduce(0) { $1.reduce($0, +) }
    let (bins, near) = differences(distance: 1)
    let (_, far) = differences(distance: 2)
    let total = bins.reduce(0, +)
    let scale = 16 / Float(fields.count)
    let sorted = near.map { $0.sorted(by: >) }
    let tops = sorted.map { grid.top($0, 20) }
    let count = Float(fields.count)
    var result = bins.map { Self.compressed($0 * scale / 100) / 2 }
    result += bins.map { ($0 / (total + 5)).squareRoot() }
    result += [
      total / (path + 5) / 3, Self.compressed(tops.reduce(0, +) / count) / 2,
      Self.compressed(tops.max() ?? 0) / 2,
    ]
    let farSorted = far.map { $0.sorted(by: >) }
    let farTops = farSorted.map { grid.top($0, 20) }
    let farSummary = Self.summary(farTops)
    result += [
      farSorted.reduce(0) { $0 + grid.top($1, 50) } / count, farSummary[0],
      farSorted.reduce(0) { $0 + grid.top($1, 5) } / count, farSummary[1], farSummary[2],
    ].map { Self.compressed($0) / 2 }
    return result + affine() + unexplained()
  }

  /// The size of the difference to the right and lower block, by orientation and by block.
  private func differences(distance: Int) -> (bins: [Float], sizes: [[Float]]) {
    var bins = [Float](repeating: 0, count: 8)
    let (columns, rows) = (grid.columns, grid.rows)
    let sizes = steps.map { step -> [Float] in
      var size = [Float](repeating: 0, count: grid.count)
      for row in 0..<(rows - distance) {
        for column in 0..<(columns - distance) {
          let place = row &* columns &+ column
          let here = step[place]
          let right = step[place &+ distance]
          let below = step[place &+ distance &* columns]
          let pairs = [
            (right.dx - here.dx, below.dx - here.dx), (right.dy - here.dy, below.dy - here.dy),
          ]
          for (component, (gx, gy)) in pairs.enumerated() where gx != 0 || gy != 0 {
            let length = (gx * gx + gy * gy).squareRoot()
            size[place] += length
            // Quarters of the half circle: east to southeast, and so on.
            let (x, y) = gy < 0 || (gy == 0 && gx < 0) ? (-gx, -gy) : (gx, gy)
            let bin = x >= 0 ? (y < x ? 0 : 1) : (y > -x ? 2 : 3)
            bins[component * 4 + bin] += length
          }
        }
      }
      return size
    }
    return (bins, sizes)
  }

  /// What remains of 3 x 3 displacements after the best affine motion: mean, greatest fiftieth,
  /// greatest tenth, greatest of a frame; and against the motion.
  private func affine() -> [Float] {
    let (columns, rows) = (grid.columns, grid.rows)
    var (tops, tenths, total, whole): ([Float], Float, Float, Float) = ([], 0, 0, 0)
    for step in steps {
      var left = [Float](repeating: 0, count: grid.count)
      for row in 1..<(rows - 1) {
        for column in 1..<(columns - 1) {
          var (sx, sy, xx, xy, yx, yy, squares): (Float, Float, Float, Float, Float, Float, Float) =
            (0, 0, 0, 0, 0, 0, 0)
          for j in -1...1 {
            for i in -1...1 {
              let one = step[(row &+ j) &* columns &+ column &+ i]
              sx += one.dx
              sy += one.dy
              xx += Float(i) * one.dx
              xy += Float(j) * one.dx
              yx += Float(i) * one.dy
              yy += Float(j) * one.dy
              squares += one.dx * one.dx + one.dy * one.dy
            }
          }
          guard squares > 0 else { continue }
          let fitted =
            (sx * sx + sy * sy) / 9 + (xx * xx + xy * xy + yx * yx + yy * yy) / 6
          left[row &* columns &+ column] = (max(0, squares - fitted) / 9).squareRoot()
          whole += (squares / 9).squareRoot()
        }
      }
      total += left.reduce(0, +)
      left.sort(by: >)
      tops.append(grid.top(left, 50))
      tenths += grid.top(left, 10)
    }
    let count = Float(fields.count)
    return [
      Self.compressed(total / count / Float(grid.count), 8) / 2,
      Self.compressed(tops.reduce(0, +) / count, 2) / 2, Self.compressed(tenths / count, 4) / 2,
      Self.compressed(tops.max() ?? 0, 2) / 2, total / (whole + 2 * count),
    ]
  }

  private func unexplained() -> [Float] {
    let blocks = fields.map { field in (0..<grid.count).map { field.unexplained($0) } }
    let sum = blocks.reduce(0) { $1.reduce($0, +) }
    let change = changes.reduce(0) { $1.reduce($0, +) }
    let path = speeds.reduce(0) { $1.reduce($0, +) }
    let count = Float(fields.count)
    let tops = blocks.reduce(0) { $0 + grid.top($1.sorted(by: >), 20) }
    return [
      sum / (change + 10), Self.compressed(sum / count / Float(grid.count)) / 2,
      Self.compressed(tops / count) / 3, Self.compressed(sum / (path * 5 + 20), 4) / 2,
    ]
  }
}
