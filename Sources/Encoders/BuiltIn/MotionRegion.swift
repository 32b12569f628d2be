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
