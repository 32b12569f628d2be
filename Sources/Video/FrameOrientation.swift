import CFFmpeg

/// How a coded picture is turned for display: one of the eight combinations of
/// quarter turns and mirrors.
struct FrameOrientation: Equatable {
  /// Rows of the coded picture become columns.
  var swapsAxes = false
  /// After the swap, left and right are exchanged.
  var mirrorsHorizontally = false
  /// After the swap, top and bottom are exchanged.
  var mirrorsVertically = false

  var isIdentity: Bool { self == FrameOrientation() }

  init() {}

  /// From a display matrix, `(x', y') = (a x + c y, b x + d y)` with `a b` its
  /// first row and `c d` its second (libavutil/display.h); nil if it turns by
  /// anything but quarter turns.
  init?(displayMatrix matrix: UnsafePointer<Int32>) {
    let (a, b) = (Double(matrix[0]), Double(matrix[1]))
    let (c, d) = (Double(matrix[3]), Double(matrix[4]))
    let straight = min(abs(a), abs(d))
    let crossed = min(abs(b), abs(c))
    // A tilt of under two degrees is rounding in somebody's phone.
    if straight > 0, max(abs(b), abs(c)) < straight * 0.035 {
      mirrorsHorizontally = a < 0
      mirrorsVertically = d < 0
    } else if crossed > 0, max(abs(a), abs(d)) < crossed * 0.035 {
      swapsAxes = true
      mirrorsHorizontally = c < 0
      mirrorsVertically = b < 0
    } else {
      return nil
    }
  }

  /// The size after turning.
  func displayed(width: Int, height: Int) -> (width: Int, height: Int) {
    swapsAxes ? (height, width) : (width, height)
  }

  /// The picture, turned.
  func apply(to image: RGBImage) -> RGBImage {
    guard !isIdentity else { return image }
    let (width, height) = displayed(width: image.width, height: image.height)
    let column = (swapsAxes ? image.width : 1) * 3 * (mirrorsHorizontally ? -1 : 1)
    let row = (swapsAxes ? 1 : image.width) * 3 * (mirrorsVertically ? -1 : 1)
    let start =
      (mirrorsHorizontally ? -column * (width - 1) : 0)
      + (mirrorsVertically ? -row * (height - 1) : 0)
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      image.pixels.withUnsafeBufferPointer { source in
        var to = 0
        for y in 0..<height {
          var from = start &+ y &* row
          for _ in 0..<width {
            target[to] = source[from]
            target[to &+ 1] = source[from &+ 1]
            target[to &+ 2] = source[from &+ 2]
            to &+= 3
            from &+= column
          }
        }
      }
      initialized = count
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
