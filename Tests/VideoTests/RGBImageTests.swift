import Testing
import Video

@Suite struct RGBImageTests {
  /// Red counts columns, green counts rows.
  private func ramp(_ width: Int, _ height: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        image.pixels[(y * width + x) * 3] = UInt8(x)
        image.pixels[(y * width + x) * 3 + 1] = UInt8(y)
      }
    }
    return image
  }

  @Test func croppingTakesTheNamedPart() {
    let part = ramp(20, 10).cropped(x: 3, y: 4, width: 2, height: 3)
    #expect(part.width == 2 && part.height == 3)
    #expect(part.pixels == [3, 4, 0, 4, 4, 0, 3, 5, 0, 4, 5, 0, 3, 6, 0, 4, 6, 0])
  }

  @Test func halvingAveragesFourPixels() {
    let half = ramp(8, 4).resized(width: 4, height: 2)
    for y in 0..<2 {
      for x in 0..<4 {
        // Columns 2x and 2x + 1 have the mean 2x + 0.5.
        #expect(abs(Double(half.pixels[(y * 4 + x) * 3]) - (2 * Double(x) + 0.5)) <= 0.5)
        #expect(abs(Double(half.pixels[(y * 4 + x) * 3 + 1]) - (2 * Double(y) + 0.5)) <= 0.5)
      }
    }
  }

  @Test(arguments: [
    [1, 1, 5, 5], [2, 3, 1, 1], [4000, 3000, 1, 1], [3, 3, 2000, 1], [1, 4000, 7, 2],
    [10000, 1, 1, 1], [5, 5, 4, 6], [97, 65, 33, 21],
  ])
  func aPlainColourStaysItselfAtAnySize(sizes: [Int]) {
    let image = RGBImage(width: sizes[0], height: sizes[1], red: 10, green: 200, blue: 77)
    let scaled = image.resized(width: sizes[2], height: sizes[3])
    #expect(scaled == RGBImage(width: sizes[2], height: sizes[3], red: 10, green: 200, blue: 77))
  }

  @Test func grayWeighsTheChannelsAsBT601() {
    let image = RGBImage(
      width: 5, height: 1, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 9, 9, 9])
    #expect(image.gray() == GrayImage(width: 5, height: 1, pixels: [76, 150, 29, 255, 9]))
  }

  @Test func fillingIsCutAtTheEdges() {
    var image = RGBImage(width: 4, height: 3)
    image.fill(x: 2, y: -1, width: 9, height: 2, with: RGBColour(1, 2, 3))
    image.fill(x: -7, y: 0, width: 3, height: 3, with: RGBColour(9, 9, 9))
    image.fill(x: 9, y: 9, width: 3, height: 3, with: RGBColour(9, 9, 9))
    #expect(
      image.pixels == [0, 0, 0, 0, 0, 0, 1, 2, 3, 1, 2, 3] + [UInt8](repeating: 0, count: 24))
  }

  @Test func pastingCopiesRows() {
    var image = RGBImage(width: 6, height: 5)
    image.paste(ramp(3, 2), x: 2, y: 3)
    #expect(image.cropped(x: 2, y: 3, width: 3, height: 2) == ramp(3, 2))
    #expect(image.cropped(x: 0, y: 0, width: 6, height: 3) == RGBImage(width: 6, height: 3))
  }
}
