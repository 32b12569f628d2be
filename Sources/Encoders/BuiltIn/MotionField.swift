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

/// A connected part of a frame that moves or differs from the background.
public struct MotionRegion: Sendable, Equatable {
  /// The centre, as fractions of the width and the height.
  public var x: Float
  public var y: Float
  /// The part of the frame's blocks that it covers.
  public var area: Float
  /// Mean displacement of its moving blocks, in working pixels a frame.
  public var dx: Float
  public var dy: Float
  /// How much the displacement of its blocks differs from their mean, likewise.
  public var disorder: Float
  /// The lower edge as a fraction of the height: how near it stands to a camera
  /// that looks down.
  public var bottom: Float

  /// The regions of a mask over blocks (8-connected), the largest first.
  ///
  /// - Parameters:
  ///   - mask: `columns` times as many rows, row by row.
  ///   - least: regions of fewer blocks are left out.
  ///   - displacement: each block's displacement against the camera's.
  public static func find(
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

/// What one frame shows against the frame before it and against a running
/// background. Lengths are in widths of the picture, speeds in widths a second.
public struct MotionSample: Sendable {
  /// The frame's time.
  public var timestampSeconds: Double
  /// Seconds since the frame before; 0 for the first.
  public var intervalSeconds: Double
  /// Mean speed over the picture, against the camera's motion.
  public var speed: Float
  /// Mean speed of the fastest twentieth of the picture.
  public var topSpeed: Float
  /// How abruptly blocks change their motion: mean acceleration, in widths a
  /// second from one frame to the next.
  public var jerk: Float
  /// Disordered motion: mean over regions of how much the speeds in them differ,
  /// weighted by area, in widths a second over the whole picture.
  public var disorder: Float
  /// Mean change that no displacement explains, 0...255.
  public var unexplained: Float
  /// Mean change beyond noise, light and camera motion, 0...255.
  public var change: Float
  /// The part of the picture that changed.
  public var changedArea: Float
  /// The part of the picture that differs from the running background.
  public var foregroundArea: Float
  /// How fast the foreground becomes another: mean difference of the blocks'
  /// distance from the background to what it was half a second ago, 0...255.
  public var appearanceChange: Float
  /// What moves, the largest first.
  public var regions: [MotionRegion]
  /// The camera's motion in widths a second.
  public var cameraX: Float
  public var cameraY: Float
  /// Growth of the picture a second by the camera (0.1: a tenth a second).
  public var cameraZoom: Float
  public var isCameraMoving: Bool
  /// Mean brightness and mean saturation.
  public var brightness: Float
  public var saturation: Float
  /// Mean colour, 0...255.
  public var red: Float
  public var green: Float
  public var blue: Float
  /// The part of the picture that is fire-like and brighter than the background.
  public var fireArea: Float
  /// The part that is smoke-like where the background was not, or was of another
  /// brightness.
  public var smokeArea: Float
  /// The part that is much brighter than the background.
  public var brightenedArea: Float
  /// Whether this frame begins another shot.
  public var isCut: Bool
}
