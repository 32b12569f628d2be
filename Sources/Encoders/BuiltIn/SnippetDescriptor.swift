import Foundation
import Records
import Video

/// The built-in snippet encoder: `SnippetDescriptor`, which needs no weights.
public struct BuiltInSnippetEncoder: SnippetEncoder {
  public init() {}

  public var identity: EncoderIdentity {
    EncoderIdentity(
      kind: "builtin", model: SnippetDescriptorLayout.name,
      dimension: SnippetDescriptorLayout.dimension)
  }

  /// The size of the analysis; decoding at it saves reducing the frames.
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }

  /// The 512 numbers of `SnippetDescriptorLayout`, each about 0 to 1. Takes about 1 ms per
  /// frame of 320x240.
  ///
  /// - Precondition: at least one frame; all of one size.
  public func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
    SnippetDescriptor(
      frames: frames.map { MotionImage($0) }, previous: previous.map { MotionImage($0) }
    ).values()
  }
}

/// The parts of the 512 numbers of `SnippetDescriptor`.
///
/// Cells are 4 x 4 over the picture, row by row. "Change" is the change of blocks beyond
/// noise, light and camera motion. Displacements are relative to the camera's, in pixels per
/// frame of a picture 160 pixels wide.
package enum SnippetDescriptorLayout {
  /// Optical flow on the grid: 16 cells x 8 directions (from east towards south), mean
  /// displacement.
  package static let flow = 0..<128
  /// Change on the grid: 16 cells x (mean, greatest of a frame, burstiness, last
  /// frame against the first).
  package static let change = 128..<192
  /// Oriented gradients of what changed: 2 x 2 quarters x 8 orientations in the
  /// snippet's middle, weighted by change; then the last frame's less the first's.
  package static let gradients = 192..<256
  /// The six most active cells, wherever they are, the most active first: for each 8
  /// directions from its main one on, mean and greatest displacement, disorder (length of
  /// the blocks' paths less their net displacement), change that no displacement explains,
  /// and both together in four quarters of the snippet.
  package static let activity = 256..<352
  /// 16 frames each: mean displacement, 95th percentile of displacement, changed
  /// part of the picture, step of brightness.
  package static let profiles = 352..<416
  /// 12 classes of speed (mean over the snippet, greatest of a frame), then 24
  /// figures: see `SnippetDescriptor.statistics`.
  package static let statistics = 416..<464
  /// Light and colour: flashes, fire-like and smoke-like change, colour of what
  /// changed: see `SnippetDescriptor.light`.
  package static let light = 464..<496
  /// The scene itself: brightness, contrast, saturation, dark and bright parts,
  /// mean colour, edges: see `SnippetDescriptor.scene`.
  package static let scene = 496..<512

  /// The descriptor's width.
  package static let dimension = 512
  /// The descriptor's name and version; it changes with the meaning of the numbers.
  package static let name = "classical-512-v1"
}

/// A classical descriptor of a snippet of video: its motion, changes and light, and little of
/// the scene's look.
///
/// `SnippetDescriptorLayout` lists the numbers. Each is compressed by a square root or a
/// logarithm and scaled to a common range of about 0 to 1 (differences: -1 to 1). The same
/// frames give the same numbers.
struct SnippetDescriptor {
  /// The snippet's frames, with the one before it (or its first one again) in front.
  let images: [MotionImage]
  /// From each image to the next.
  let fields: [MotionField]
  /// For each field and block: displacement relative to the camera's.
  let steps: [[(dx: Float, dy: Float)]]
  /// For each field and block: length of the displacement.
  let speeds: [[Float]]
  /// For each field and block: change beyond noise, in 0...255.
  let changes: [[Float]]
  /// Each block's cell in the 4 x 4 grid.
  let cells: [Int]
  let columns: Int
  let rows: Int

  init(frames: [MotionImage], previous: MotionImage?) {
    precondition(!frames.isEmpty, "a snippet without frames")
    let first = frames[0]
    let images = [previous ?? first] + frames
    let (columns, rows) = (first.columns, first.rows)
    let fields = zip(images, images.dropFirst()).map { MotionField(from: $0, to: $1) }
    let steps = fields.map { field in
      (0..<(columns * rows)).map { block in
        field.displacement(column: block % columns, row: block / columns)
      }
    }
    self.images = images
    self.fields = fields
    self.steps = steps
    self.columns = columns
    self.rows = rows
    speeds = steps.map { $0.map { ($0.dx * $0.dx + $0.dy * $0.dy).squareRoot() } }
    changes = fields.map { field in
      field.change.indices.map { field.changeBeyondNoise($0) }
    }
    cells = (0..<(columns * rows)).map { block in
      (block / columns) * 4 / rows * 4 + (block % columns) * 4 / columns
    }
  }

  /// The 512 numbers.
  func values() -> [Float] {
    let result =
      flow() + change() + gradients() + activity() + profiles() + statistics() + light() + scene()
    precondition(
      result.count == SnippetDescriptorLayout.dimension, "a descriptor of \(result.count) numbers")
    return result
  }

  /// The blocks of each cell.
  var blocksOfCells: [[Int]] {
    var lists = [[Int]](repeating: [], count: 16)
    for (block, cell) in cells.enumerated() { lists[cell].append(block) }
    return lists
  }

  /// Adds a displacement to 8 directions, divided between the two nearest.
  static func addDirection(
    of step: (dx: Float, dy: Float), weight: Float, to bins: inout [Float], at offset: Int = 0
  ) {
    guard weight > 0 else { return }
    var place = atan2(step.dy, step.dx) / (Float.pi / 4)
    if place < 0 { place += 8 }
    let low = min(Int(place), 7)
    let share = place - Float(low)
    bins[offset + low] += weight * (1 - share)
    bins[offset + (low + 1) % 8] += weight * share
  }

  /// `SnippetDescriptorLayout.flow`.
  private func flow() -> [Float] {
    var bins = [Float](repeating: 0, count: 128)
    for (step, speed) in zip(steps, speeds) {
      for block in step.indices {
        Self.addDirection(of: step[block], weight: speed[block], to: &bins, at: cells[block] * 8)
      }
    }
    let scale = 16 / Float(columns * rows * fields.count)
    return bins.map { ($0 * scale).squareRoot() }
  }

  /// `SnippetDescriptorLayout.change`.
  private func change() -> [Float] {
    let lasting = BlockComparison(images[0].luma, images[images.count - 1].luma)
    let noise = fields.map(\.noise).max() ?? 0
    return blocksOfCells.flatMap { blocks -> [Float] in
      let count = Float(max(1, blocks.count))
      let means = changes.map { change in blocks.reduce(0) { $0 + change[$1] } / count }
      let mean = means.reduce(0, +) / Float(means.count)
      let greatest = means.max() ?? 0
      let kept = blocks.reduce(0) { $0 + max(0, lasting.change[$1] - 1.6 * noise) } / count
      return [
        (mean / 8).squareRoot(), (greatest / 8).squareRoot(),
        ((greatest - mean) / (mean + 1) / 4).squareRoot(), (kept / 16).squareRoot(),
      ]
    }
  }

  /// `SnippetDescriptorLayout.profiles`: shorter snippets repeat their last frame,
  /// in which nothing moves.
  private func profiles() -> [Float] {
    var parts = [[Float]](repeating: [], count: 4)
    for place in 0..<16 {
      guard place < fields.count else {
        for part in 0..<4 { parts[part].append(0) }
        continue
      }
      let sorted = speeds[place].sorted()
      let count = Float(sorted.count)
      parts[0].append((sorted.reduce(0, +) / count).squareRoot())
      parts[1].append((sorted[sorted.count * 95 / 100] / 4).squareRoot())
      parts[2].append((Float(changes[place].filter { $0 > 0 }.count) / count).squareRoot())
      let step = images[place + 1].meanBrightness - images[place].meanBrightness
      parts[3].append(Self.signedRoot(step / 16))
    }
    return parts.flatMap { $0 }
  }

  /// The square root that keeps the sign.
  static func signedRoot(_ value: Float) -> Float {
    value < 0 ? -(-value).squareRoot() : value.squareRoot()
  }
}

extension MotionField {
  /// A block's change beyond sensor noise and camera motion, in 0...255.
  package func changeBeyondNoise(_ block: Int) -> Float {
    let own = camera.isMoving && isMeasured[block] ? residual[block] : change[block]
    return max(0, own - 1.6 * noise - 0.4)
  }
}

extension MotionField {
  /// The part of a block's change beyond noise that no displacement explains.
  package func unexplained(_ block: Int) -> Float {
    max(0, residual[block] - 1.6 * noise - 0.4)
  }
}

extension MotionImage {
  /// The mean brightness in 0...255.
  package var meanBrightness: Float {
    let sums = zip(red, zip(green, blue)).reduce(Float(0)) {
      $0 + 0.299 * $1.0 + 0.587 * $1.1.0 + 0.114 * $1.1.1
    }
    return sums / Float(blockCount)
  }
}
