import CFFmpeg

/// How a coded picture is turned for display: one of the eight combinations of
/// quarter turns and mirrors.
package struct FrameOrientation: Equatable {
  /// Rows of the coded picture become columns.
  package var swapsAxes = false
  /// After the swap, left and right are exchanged.
  package var mirrorsHorizontally = false
  /// After the swap, top and bottom are exchanged.
  package var mirrorsVertically = false

  /// As coded.
  package init() {}

  /// From a display matrix, `(x', y') = (a x + c y, b x + d y)` with `a b` its
  /// first row and `c d` its second (libavutil/display.h); nil if it turns by
  /// anything but quarter turns.
  package init?(displayMatrix matrix: UnsafePointer<Int32>) {
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
  package func displayed(width: Int, height: Int) -> (width: Int, height: Int) {
    swapsAxes ? (height, width) : (width, height)
  }

  /// Three planes of a coded picture as interleaved RGB, turned for display.
  ///
  /// - Parameters:
  ///   - width: Width of the coded picture.
  ///   - height: Height of the coded picture.
  ///   - stride: Bytes from one row of a plane to the next.
  package func interleaved(
    red: UnsafePointer<UInt8>, green: UnsafePointer<UInt8>, blue: UnsafePointer<UInt8>,
    width codedWidth: Int, height codedHeight: Int, stride: Int
  ) -> RGBImage {
    let (width, height) = displayed(width: codedWidth, height: codedHeight)
    let column = (swapsAxes ? stride : 1) * (mirrorsHorizontally ? -1 : 1)
    let row = (swapsAxes ? 1 : stride) * (mirrorsVertically ? -1 : 1)
    let start =
      (mirrorsHorizontally ? -column * (width - 1) : 0)
      + (mirrorsVertically ? -row * (height - 1) : 0)
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      if var to = target.baseAddress {
        for y in 0..<height {
          let first = start &+ y &* row
          for x in 0..<width {
            let from = first &+ x &* column
            to[0] = red[from]
            to[1] = green[from]
            to[2] = blue[from]
            to += 3
          }
        }
      }
      initialized = count
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
