import Foundation

/// The parts of the descriptor about motion, wherever it is in the picture.
extension SnippetDescriptor {
  /// `SnippetDescriptorLayout.activity`: 6 cells x 16.
  func activity() -> [Float] {
    let cells = blocksOfCells
    let unrest: [[Float]] = cells.map { blocks in
      fields.indices.map { unrestOfCell(blocks, in: $0) }
    }
    let totals: [Float] = cells.map { blocks in
      let sum: Float = fields.indices.reduce(0) { sum, field in
        blocks.reduce(sum) { $0 + speeds[field][$1] + 0.1 * changes[field][$1] }
      }
      return sum / Float(max(1, blocks.count))
    }
    let order = totals.indices.sorted {
      totals[$0] == totals[$1] ? $0 < $1 : totals[$0] > totals[$1]
    }
    return order.prefix(6).flatMap { cell -> [Float] in
      let blocks = cells[cell]
      let samples = Float(max(1, blocks.count * fields.count))
      var bins = [Float](repeating: 0, count: 8)
      var greatest: Float = 0
      var (path, unexplained): (Float, Float) = (0, 0)
      var net: (dx: Float, dy: Float) = (0, 0)
      for field in fields.indices {
        for block in blocks {
          let speed = speeds[field][block]
          let step = steps[field][block]
          Self.addDirection(turns[field][block], weight: speed, to: &bins)
          greatest = max(greatest, speed)
          path += speed
          net.dx += step.dx
          net.dy += step.dy
          unexplained += fields[field].unexplained(block)
        }
      }
      let main = bins.indices.max { bins[$0] < bins[$1] } ?? 0
      let turned = (0..<8).map { (bins[(main + $0) % 8] / samples).squareRoot() }
      let quarters = (0..<4).map { quarter -> Float in
        let part = fields.indices.filter { $0 * 4 / fields.count == quarter }
        let total = part.reduce(0) { $0 + unrest[cell][$1] }
        return (total / Float(max(1, part.count))).squareRoot()
      }
      let disorder = path - (net.dx * net.dx + net.dy * net.dy).squareRoot()
      return turned + [
        (path / samples).squareRoot(), (greatest / 8).squareRoot(),
        (max(0, disorder) / samples * 2).squareRoot(), (unexplained / samples / 4).squareRoot(),
      ] + quarters
    }
  }

  /// Disordered motion and unexplained change of some blocks from one frame to the next, per
  /// block.
  private func unrestOfCell(_ blocks: [Int], in field: Int) -> Float {
    var (path, unexplained): (Float, Float) = (0, 0)
    var net: (dx: Float, dy: Float) = (0, 0)
    for block in blocks {
      path += speeds[field][block]
      net.dx += steps[field][block].dx
      net.dy += steps[field][block].dy
      unexplained += fields[field].unexplained(block)
    }
    let disorder = path - (net.dx * net.dx + net.dy * net.dy).squareRoot()
    return (max(0, disorder) + 0.1 * unexplained) / Float(max(1, blocks.count))
  }

  /// `SnippetDescriptorLayout.statistics`: 12 classes of speed, mean and greatest;
  /// then mean, greatest, 90th and 99th percentile of displacement; its deviation
  /// over time; burstiness; entropy of directions, mean and greatest; spreading
  /// apart and drawing together; turning, mean and greatest; acceleration, mean and
  /// greatest; number of regions, mean and greatest; area of the largest one, mean
  /// and greatest; disorder of the regions, mean and greatest; how fast the two
  /// largest close in; the camera's displacement, mean and greatest; noise.
  func statistics() -> [Float] {
    let count = Float(columns * rows)
    var classes = fields.map { _ in [Float](repeating: 0, count: 12) }
    for (place, speed) in speeds.enumerated() {
      for value in speed where value > 0.05 {
        // Half octaves from 0.1 pixels per frame on.
        let level = Int(max(0, min(11, 2 * log2(value / 0.1))))
        classes[place][level] += 1 / count
      }
    }
    let means = (0..<12).map { level in
      (classes.reduce(0) { $0 + $1[level] } / Float(fields.count)).squareRoot()
    }
    let peaks = (0..<12).map { level in (classes.map { $0[level] }.max() ?? 0).squareRoot() }
    return means + peaks + figures()
  }

  private func figures() -> [Float] {
    let all = speeds.flatMap { $0 }.sorted()
    let perFrame = speeds.map { $0.reduce(0, +) / Float($0.count) }
    let mean = perFrame.reduce(0, +) / Float(perFrame.count)
    let deviation =
      (perFrame.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(perFrame.count)).squareRoot()
    let entropies = fields.indices.map { place -> Float in
      var bins = [Float](repeating: 0, count: 8)
      for (turn, speed) in zip(turns[place], speeds[place]) {
        Self.addDirection(turn, weight: speed, to: &bins)
      }
      return Self.entropy(of: bins) * min(1, perFrame[place] * 4)
    }
    let shears = fields.indices.map { divergenceAndTurning(steps[$0]) }
    let accelerations = zip(steps, steps.dropFirst()).map { before, after in
      zip(before, after).reduce(Float(0)) {
        $0 + abs($1.1.dx - $1.0.dx) + abs($1.1.dy - $1.0.dy)
      } / Float(before.count)
    }
    let regions = fields.indices.map { place in
      MotionRegion.find(
        mask: zip(speeds[place], changes[place]).map { $0 > 0.3 || $1 > 2 }, columns: columns,
        least: 2
      ) { steps[place][$0] }
    }
    let areas = regions.map { $0.first?.area ?? 0 }
    let disorders = regions.map { $0.reduce(0) { max($0, $1.disorder) } }
    let closing = regions.map { list -> Float in
      guard list.count > 1 else { return 0 }
      let (dx, dy) = (list[1].x - list[0].x, list[1].y - list[0].y)
      let distance = max(0.01, (dx * dx + dy * dy).squareRoot())
      return max(
        0, -((list[1].dx - list[0].dx) * dx + (list[1].dy - list[0].dy) * dy) / distance)
    }
    let cameras = fields.map { ($0.camera.dx * $0.camera.dx + $0.camera.dy * $0.camera.dy) }
    func average(_ values: [Float]) -> Float { values.reduce(0, +) / Float(max(1, values.count)) }
    return [
      mean.squareRoot(), ((perFrame.max() ?? 0)).squareRoot(),
      (all[all.count * 9 / 10] / 2).squareRoot(), (all[all.count * 99 / 100] / 8).squareRoot(),
      (2 * deviation).squareRoot(),
      (((perFrame.max() ?? 0) + 0.02) / (mean + 0.02)).squareRoot() / 3,
      average(entropies), entropies.max() ?? 0,
      (average(shears.map { max(0, $0.divergence) }) * 4).squareRoot(),
      (average(shears.map { max(0, -$0.divergence) }) * 4).squareRoot(),
      (average(shears.map(\.turning)) * 4).squareRoot(),
      ((shears.map(\.turning).max() ?? 0) * 4).squareRoot(),
      average(accelerations).squareRoot(), (accelerations.max() ?? 0).squareRoot(),
      average(regions.map { Float($0.count) }) / 6, Float(regions.map(\.count).max() ?? 0) / 8,
      average(areas).squareRoot(), (areas.max() ?? 0).squareRoot(),
      (average(disorders) / 3).squareRoot(), ((disorders.max() ?? 0) / 3).squareRoot(),
      (average(closing) / 4).squareRoot(),
      (average(cameras).squareRoot() / 4).squareRoot(),
      ((cameras.max() ?? 0).squareRoot() / 4).squareRoot(),
      average(fields.map(\.noise)) / 5,
    ]
  }

  /// Mean growth and mean absolute turning of a field, over moving blocks.
  private func divergenceAndTurning(
    _ step: [(dx: Float, dy: Float)]
  ) -> (divergence: Float, turning: Float) {
    var sums: (Float, Float) = (0, 0)
    for row in 0..<(rows - 1) {
      for column in 0..<(columns - 1) {
        let here = step[row * columns + column]
        let right = step[row * columns + column + 1]
        let below = step[(row + 1) * columns + column]
        sums.0 += right.dx - here.dx + below.dy - here.dy
        sums.1 += abs(right.dy - here.dy - below.dx + here.dx)
      }
    }
    let count = Float((rows - 1) * (columns - 1))
    return (sums.0 / count, sums.1 / count)
  }

  /// The entropy of a histogram, 0 for one bin to 1 for equal ones.
  static func entropy(of bins: [Float]) -> Float {
    let total = bins.reduce(0, +)
    guard total > 0 else { return 0 }
    return bins.reduce(0) { sum, value in
      let share = value / total
      return share > 0 ? sum - share * log(share) : sum
    } / log(Float(bins.count))
  }
}
