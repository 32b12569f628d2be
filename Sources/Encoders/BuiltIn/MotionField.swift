/// The motion of a frame's blocks since the frame before it.
package struct MotionField: Sendable {
  /// Blocks across and down.
  package let columns: Int
  package let rows: Int
  /// Displacement of each block in working pixels, including camera motion; 0 where nothing
  /// moved or the motion could not be measured.
  package internal(set) var dx: [Float]
  package internal(set) var dy: [Float]
  /// Whether the displacement of the block was measured (true for a still block, false for
  /// one without texture).
  package internal(set) var isMeasured: [Bool]
  /// The block's change in place without changes of light: root mean square of brightness in
  /// 0...255, including sensor noise.
  package internal(set) var change: [Float]
  /// The remaining change when the block's motion is compensated.
  package internal(set) var residual: [Float]
  /// The change by sensor noise alone.
  package internal(set) var noise: Float
  /// The camera's motion.
  package internal(set) var camera: CameraMotion

  /// Measures the motion from `previous` to `current`.
  ///
  /// Blocks whose change is within the noise stand still. The others are tracked by the
  /// inverse form of Lucas and Kanade's method (gradients of the previous frame, means
  /// removed so that a change of light does not count as motion), from a quarter of the size
  /// to the full one. Both frames have the same size.
  package init(from previous: MotionImage, to current: MotionImage) {
    precondition(
      previous.width == current.width && previous.height == current.height,
      "frames of \(previous.width)x\(previous.height) and \(current.width)x\(current.height)")
    columns = current.columns
    rows = current.rows
    let count = columns * rows
    dx = [Float](repeating: 0, count: count)
    dy = dx
    isMeasured = [Bool](repeating: false, count: count)
    let statistics = BlockComparison(previous.luma, current.luma)
    change = statistics.change
    residual = change
    let temporal = min(max(change.sorted()[count / 5], 0.4), 5)
    let spatial = min(max(current.luma.noise(side: MotionImage.blockSide), 0.4), 5)
    noise = temporal
    camera = .still
    // Where nearly everything changes by more than the picture's own grain, the camera may
    // have moved: then the grain is the noise, otherwise the change is.
    if temporal > 1.3 * spatial + 0.3 {
      noise = spatial
      follow(from: previous, to: current, texture: statistics.texture)
      if camera.isMoving { return }
      noise = temporal
    }
    follow(from: previous, to: current, texture: statistics.texture)
  }

  /// Finds the displacements of all blocks and the camera's motion.
  private mutating func follow(
    from previous: MotionImage, to current: MotionImage, texture: [Float]
  ) {
    residual = change
    let still = 1.6 * noise + 0.4
    let tracker = BlockTracker(previous: previous, current: current)
    for block in change.indices {
      (dx[block], dy[block]) = (0, 0)
      isMeasured[block] = false
      if change[block] <= still {
        isMeasured[block] = texture[block] > 2 * noise + 1
        continue
      }
      guard let found = tracker.follow(column: block % columns, row: block / columns) else {
        continue
      }
      // A displacement that does not explain the change does not count.
      guard found.residual < 0.8 * change[block] else { continue }
      (dx[block], dy[block]) = (found.dx, found.dy)
      residual[block] = found.residual
      isMeasured[block] = true
    }
    camera = CameraMotion(of: self)
  }

  /// The block's displacement relative to the camera's, in working pixels; 0 where it was not
  /// measured. With a moving camera also 0 below 0.35, the usual deviation of measured blocks
  /// from a shift with zoom.
  package func displacement(column: Int, row: Int) -> (dx: Float, dy: Float) {
    let block = row * columns + column
    guard isMeasured[block] else { return (0, 0) }
    let own = camera.displacement(
      x: Float(column) - Float(columns - 1) / 2, y: Float(row) - Float(rows - 1) / 2)
    let (x, y) = (dx[block] - own.dx, dy[block] - own.dy)
    if camera.isMoving, x * x + y * y < 0.35 * 0.35 { return (0, 0) }
    return (x, y)
  }
}

/// A connected part of a frame that moves or differs from the background.
package struct MotionRegion: Sendable, Equatable {
  /// The centre, as fractions of the width and the height.
  package var x: Float
  package var y: Float
  /// The part of the frame's blocks that it covers.
  package var area: Float
  /// Mean displacement of its moving blocks, in working pixels per frame.
  package var dx: Float
  package var dy: Float
  /// Deviation of its blocks' displacements from their mean, in the same unit.
  package var disorder: Float
  /// The lower edge as a fraction of the height: the nearness to a camera that looks down.
  package var bottom: Float

  /// The regions of a mask over blocks (8-connected), the largest first.
  ///
  /// - Parameters:
  ///   - mask: `columns` times as many rows, row by row.
  ///   - least: regions of fewer blocks are left out.
  ///   - displacement: each block's displacement relative to the camera's.
  package static func find(
    mask: [Bool], columns: Int, least: Int = 1,
    displacement: (Int) -> (dx: Float, dy: Float)
  ) -> [MotionRegion] {
    let rows = mask.count / columns
    var isOpen = mask
    var regions: [MotionRegion] = []
    for start in mask.indices where isOpen[start] {
      var members = [start]
      isOpen[start] = false
      var place = 0
      while place < members.count {
        let (column, row) = (members[place] % columns, members[place] / columns)
        place += 1
        for y in max(0, row - 1)...min(rows - 1, row + 1) {
          for x in max(0, column - 1)...min(columns - 1, column + 1)
          where isOpen[y * columns + x] {
            isOpen[y * columns + x] = false
            members.append(y * columns + x)
          }
        }
      }
      guard members.count >= least else { continue }
      regions.append(
        MotionRegion(members, columns: columns, rows: rows, displacement: displacement))
    }
    return regions.enumerated()
      .sorted { ($1.element.area, $0.offset) < ($0.element.area, $1.offset) }.map(\.element)
  }

  private init(
    _ members: [Int], columns: Int, rows: Int, displacement: (Int) -> (dx: Float, dy: Float)
  ) {
    let count = Float(members.count)
    let steps = members.map(displacement)
    let moving = steps.filter { $0.dx != 0 || $0.dy != 0 }
    let divisor = Float(max(1, moving.count))
    let meanX = moving.reduce(0) { $0 + $1.dx } / divisor
    let meanY = moving.reduce(0) { $0 + $1.dy } / divisor
    x = members.reduce(0) { $0 + (Float($1 % columns) + 0.5) } / count / Float(columns)
    y = members.reduce(0) { $0 + (Float($1 / columns) + 0.5) } / count / Float(rows)
    area = count / Float(columns * rows)
    dx = meanX
    dy = meanY
    disorder =
      (moving.reduce(0) {
        $0 + ($1.dx - meanX) * ($1.dx - meanX) + ($1.dy - meanY) * ($1.dy - meanY)
      } / divisor).squareRoot()
    bottom = Float((members.max() ?? 0) / columns + 1) / Float(rows)
  }
}

/// One frame in comparison with the frame before it and with a running background. Lengths
/// are in widths of the picture, speeds in widths per second.
package struct MotionSample: Sendable, Equatable {
  /// The frame's time.
  package var timestampSeconds: Double
  /// Seconds since the frame before; 0 for the first.
  package var intervalSeconds: Double
  /// Mean speed over the picture, relative to the camera's motion.
  package var speed: Float
  /// Mean speed of the fastest twentieth of the picture.
  package var topSpeed: Float
  /// How abruptly blocks change their motion: mean acceleration, in widths per second from
  /// one frame to the next.
  package var jerk: Float
  /// Disordered motion: mean deviation of the speeds within regions, weighted by area, in
  /// widths per second over the whole picture.
  package var disorder: Float
  /// How many ways neighbouring blocks moved in the last moments (`DirectionWindow`), from 0
  /// to 1.
  package var directionEntropy: Float
  /// Mean change that no displacement explains, 0...255.
  package var unexplained: Float
  /// Mean change beyond noise, light and camera motion, 0...255.
  package var change: Float
  /// The part of the picture that changed.
  package var changedArea: Float
  /// The part of the picture that differs from the running background.
  package var foregroundArea: Float
  /// How fast the foreground changes: mean difference between the blocks' distances from the
  /// background now and half a second ago, 0...255.
  package var appearanceChange: Float
  /// The moving regions, the largest first.
  package var regions: [MotionRegion]
  /// The camera's motion in widths per second.
  package var cameraX: Float
  package var cameraY: Float
  /// Growth of the picture per second by the camera (0.1: a tenth per second).
  package var cameraZoom: Float
  package var isCameraMoving: Bool
  /// Mean brightness and mean saturation.
  package var brightness: Float
  package var saturation: Float
  /// Mean colour, 0...255.
  package var red: Float
  package var green: Float
  package var blue: Float
  /// The part of the picture that is fire-like and brighter than the background.
  package var fireArea: Float
  /// The part that is smoke-like where the background was not, or had another brightness.
  package var smokeArea: Float
  /// The part that is much brighter than the background.
  package var brightenedArea: Float
  /// Whether this frame begins another shot.
  package var isCut: Bool
}
