/// The camera's motion between two frames, derived from the motion of most blocks.
package struct CameraMotion: Sendable, Equatable {
  /// Displacement of the picture's centre in working pixels.
  package var dx: Float
  package var dy: Float
  /// Growth of the picture, in working pixels per block of distance from the centre (0 for
  /// none).
  package var zoom: Float
  /// Whether the camera moved at all.
  package var isMoving: Bool

  package static let still = CameraMotion(dx: 0, dy: 0, zoom: 0, isMoving: false)

  /// The camera's displacement of a block at `x`, `y` blocks from the centre.
  func displacement(x: Float, y: Float) -> (dx: Float, dy: Float) {
    isMoving ? (dx + zoom * x, dy + zoom * y) : (0, 0)
  }
}

extension CameraMotion {
  /// Shift and zoom that most measured blocks agree on: medians, then weighted
  /// least squares three times. The camera counts as still if fewer than half agree (within
  /// half a pixel), fewer than an eighth of the blocks are measured, or the motion is under
  /// a fifth of a pixel.
  init(of field: MotionField) {
    var points: [(x: Float, y: Float, dx: Float, dy: Float)] = []
    for row in 0..<field.rows {
      for column in 0..<field.columns {
        let block = row * field.columns + column
        guard field.isMeasured[block] else { continue }
        points.append(
          (
            Float(column) - Float(field.columns - 1) / 2, Float(row) - Float(field.rows - 1) / 2,
            field.dx[block], field.dy[block]
          ))
      }
    }
    self = .still
    guard points.count * 8 >= field.columns * field.rows, points.count >= 6 else { return }
    let middle = points.count / 2
    dx = points.map(\.dx).sorted()[middle]
    dy = points.map(\.dy).sorted()[middle]
    if abs(dx) + abs(dy) < 0.05, points.filter({ abs($0.dx) + abs($0.dy) < 0.3 }).count > middle {
      self = .still
      return
    }
    for _ in 0..<3 {
      var (weights, sumX, sumY, sumDX, sumDY, spread, growth):
        (
          Float, Float, Float, Float, Float, Float, Float
        ) = (0, 0, 0, 0, 0, 0, 0)
      for point in points {
        let ex = point.dx - dx - zoom * point.x
        let ey = point.dy - dy - zoom * point.y
        let weight = 1 / (1 + 4 * (ex * ex + ey * ey))
        weights += weight
        sumX += weight * point.x
        sumY += weight * point.y
        sumDX += weight * point.dx
        sumDY += weight * point.dy
        spread += weight * (point.x * point.x + point.y * point.y)
        growth += weight * (point.x * point.dx + point.y * point.dy)
      }
      spread -= (sumX * sumX + sumY * sumY) / weights
      growth -= (sumX * sumDX + sumY * sumDY) / weights
      zoom = spread > 1 ? growth / spread : 0
      dx = (sumDX - zoom * sumX) / weights
      dy = (sumDY - zoom * sumY) / weights
    }
    let agreeing = points.filter {
      abs($0.dx - dx - zoom * $0.x) + abs($0.dy - dy - zoom * $0.y) < 0.5
    }
    let edge = abs(zoom) * Float(field.columns) / 2
    isMoving = agreeing.count > middle && abs(dx) + abs(dy) + edge > 0.2
    if !isMoving { self = .still }
  }
}
