import Testing
import Video

@Suite struct FrameOrientationTests {
  /// The samples 1 2 3 / 4 5 6 after a display matrix with these four numbers.
  private func turned(_ a: Int32, _ b: Int32, _ c: Int32, _ d: Int32) -> [UInt8]? {
    let unit: Int32 = 1 << 16
    let matrix = [a * unit, b * unit, 0, c * unit, d * unit, 0, 0, 0, 1 << 30]
    guard let orientation = FrameOrientation(displayMatrix: matrix) else { return nil }
    let plane: [UInt8] = [1, 2, 3, 0, 4, 5, 6, 0]
    let image = plane.withUnsafeBufferPointer { plane in
      plane.baseAddress.map {
        orientation.interleaved(red: $0, green: $0, blue: $0, width: 3, height: 2, stride: 4)
      }
    }
    guard let image else { return nil }
    return (0..<6).map { image.pixels[$0 * 3 + 1] } + [UInt8(image.width)]
  }

  @Test func theEightOrientationsPutEachSampleInItsPlace() {
    #expect(turned(1, 0, 0, 1) == [1, 2, 3, 4, 5, 6, 3])
    #expect(turned(-1, 0, 0, 1) == [3, 2, 1, 6, 5, 4, 3])
    #expect(turned(1, 0, 0, -1) == [4, 5, 6, 1, 2, 3, 3])
    #expect(turned(-1, 0, 0, -1) == [6, 5, 4, 3, 2, 1, 3])
    #expect(turned(0, 1, 1, 0) == [1, 4, 2, 5, 3, 6, 2])
    #expect(turned(0, 1, -1, 0) == [4, 1, 5, 2, 6, 3, 2])
    #expect(turned(0, -1, 1, 0) == [3, 6, 2, 5, 1, 4, 2])
    #expect(turned(0, -1, -1, 0) == [6, 3, 5, 2, 4, 1, 2])
  }

  @Test func aSlantIsNotAnOrientation() {
    #expect(turned(1, 1, -1, 1) == nil)
    #expect(turned(0, 0, 0, 0) == nil)
  }
}
