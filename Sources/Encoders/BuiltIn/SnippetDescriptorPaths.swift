import Foundation

/// How much of the motion leads nowhere: the length of paths against the net displacement,
/// over windows of blocks and frames.
extension SnippetDescriptor {
  /// ln(1 + value * scale).
  static func compressed(_ value: Float, _ scale: Float = 1) -> Float {
    log(1 + max(0, value) * scale)
  }

  /// Displacements and their lengths, smoothed, [field][block].
  private struct Smoothed {
    let x: [[Float]]
    let y: [[Float]]
    let path: [[Float]]
  }

  private func smoothed(radius: Int) -> Smoothed {
    Smoothed(
      x: steps.map { grid.smoothed($0.map(\.dx), radius: radius) },
      y: steps.map { grid.smoothed($0.map(\.dy), radius: radius) },
      path: speeds.map { grid.smoothed($0, radius: radius) })
  }

  /// Path less net displacement of each block per frame, in windows of `length` fields that
  /// overlap by half; and the sum of the paths.
  private func detours(_ motion: Smoothed, length: Int) -> (windows: [[Float]], path: Float) {
    let length = min(length, fields.count)
    let stride = max(1, length / 2)
    var windows: [[Float]] = []
    var total: Float = 0
    var start = 0
    while start + length <= fields.count {
      var (x, y, path) = (motion.x[start], motion.y[start], motion.path[start])
      for field in (start + 1)..<max(start + 1, start + length) {
        for block in 0..<grid.count {
          x[block] += motion.x[field][block]
          y[block] += motion.y[field][block]
          path[block] += motion.path[field][block]
        }
      }
      let scale = 1 / Float(length)
      for block in 0..<grid.count {
        total += path[block] * scale
        let net = (x[block] * x[block] + y[block] * y[block]).squareRoot()
        path[block] = max(0, path[block] - net) * scale
      }
      windows.append(path)
      start += stride
    }
    return (windows, total)
  }

  /// `SnippetDescriptorLayout.paths`.
  func paths() -> [Float] {
    var (ratios, sizes): ([Float], [Float]) = ([], [])
    var perFrame: [Float] = []
    for radius in 0...3 {
      let motion = smoothed(radius: radius)
      for length in [1, 2, 4, 8, 16] where radius + length > 1 {
        let (windows, path) = detours(motion, length: length)
        let sum = windows.reduce(0) { $1.reduce($0, +) }
        ratios.append(sum / (path + 2 * Float(windows.count)))
        guard radius < 3 else { continue }
        if length == 4 || length == 16 {
          let sorted = windows.map { $0.sorted(by: >) }
          let tops = sorted.map { grid.top($0, 50) }
          let count = Float(windows.count)
          sizes += [
            Self.compressed(sum / count / Float(grid.count), 8) / 2,
            Self.compressed(tops.reduce(0, +) / count, 2) / 2,
            Self.compressed(sorted.reduce(0) { $0 + grid.top($1, 10) } / count, 4) / 2,
            Self.compressed(tops.max() ?? 0, 2) / 2,
          ]
        }
        if length == 1, radius > 0 {
          let sorted = windows.map { $0.sorted(by: >) }
          let means = windows.map { $0.reduce(0, +) / Float(grid.count) }
          let curves =
            radius == 1
            ? [means, sorted.map { grid.top($0, 50) }, sorted.map { grid.top($0, 10) }]
            : [means, sorted.map { grid.top($0, 20) }]
          for curve in curves { perFrame += Self.summary(curve).map { Self.compressed($0, 8) / 2 } }
        }
      }
    }
    return ratios + sizes + perFrame + whole()
  }

  /// Mean, greatest, deviation and median.
  static func summary(_ curve: [Float]) -> [Float] {
    let mean = curve.reduce(0, +) / Float(curve.count)
    let spread = curve.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(curve.count)
    return [mean, curve.max() ?? 0, spread.squareRoot(), curve.sorted()[curve.count / 2]]
  }

  /// Detours and net displacement over the whole snippet in windows of 3 x 3 blocks, per 16
  /// frames.
  private func whole() -> [Float] {
    let scale = 16 / Float(fields.count)
    func total(_ values: [[Float]]) -> [Float] {
      (0..<grid.count).map { block in values.reduce(0) { $0 + $1[block] } * scale }
    }
    let motion = smoothed(radius: 1)
    let (x, y, path) = (total(motion.x), total(motion.y), total(motion.path))
    let net = zip(x, y).map { ($0 * $0 + $1 * $1).squareRoot() }
    let detour = zip(path, net).map { max(0, $0 - $1) }.sorted(by: >)
    let count = Float(grid.count)
    let sum = detour.reduce(0, +)
    return [
      Self.compressed(sum / count) / 3, Self.compressed(detour[0]) / 4,
      Self.compressed(grid.top(detour, 20)) / 4, sum / (path.reduce(0, +) + 2),
      Self.compressed(net.max() ?? 0) / 4, Self.compressed(net.reduce(0, +) / count) / 3,
    ]
  }
}
