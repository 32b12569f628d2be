/// How the blocks of one frame moved from the frame before it.
public struct MotionField: Sendable {
  /// Blocks across and down.
  public let columns: Int
  public let rows: Int
  /// Displacement of each block in working pixels, camera motion still in it; 0
  /// where nothing moved or the motion could not be told.
  public internal(set) var dx: [Float]
  public internal(set) var dy: [Float]
  /// Whether the displacement of the block was measured (a block that stood still
  /// counts as measured, one without texture does not).
  public internal(set) var isMeasured: [Bool]
  /// How much the block changed in place, illumination taken out: root mean
  /// square of brightness in 0...255, with sensor noise in it.
  public internal(set) var change: [Float]
  /// What is left of the change when the block is followed.
  public internal(set) var residual: [Float]
  /// The change that sensor noise alone makes.
  public internal(set) var noise: Float
  /// What the camera did.
  public internal(set) var camera: CameraMotion

  /// Measures the motion from `previous` to `current`.
  ///
  /// Blocks whose change is no more than noise stand still. The others are
  /// followed by Lucas and Kanade's method in its inverse form (gradients of the
  /// previous frame, means removed so that a change of light is no motion), from
  /// a quarter of the size to the full one. Both frames have the same size.
  public init(from previous: MotionImage, to current: MotionImage) {
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
    // Where nearly everything changes by more than the picture's own grain, it may
    // be the camera: if it is, the grain is the noise, else the change is.
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
      // A displacement that does not explain the change is none.
      guard found.residual < 0.8 * change[block] else { continue }
      (dx[block], dy[block]) = (found.dx, found.dy)
      residual[block] = found.residual
      isMeasured[block] = true
    }
    camera = CameraMotion(of: self)
  }

  /// The block's displacement against the camera's, in working pixels; 0 where it
  /// was not measured, and under a moving camera where it is below 0.35, which is
  /// how far measured blocks and a shift with zoom disagree.
  public func displacement(column: Int, row: Int) -> (dx: Float, dy: Float) {
    let block = row * columns + column
    guard isMeasured[block] else { return (0, 0) }
    let own = camera.displacement(
      x: Float(column) - Float(columns - 1) / 2, y: Float(row) - Float(rows - 1) / 2)
    let (x, y) = (dx[block] - own.dx, dy[block] - own.dy)
    if camera.isMoving, x * x + y * y < 0.35 * 0.35 { return (0, 0) }
    return (x, y)
  }
}
