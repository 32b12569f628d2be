import SelectionReports
import Testing
import Video

@Suite struct FrameAppearanceTests {
  @Test("frames that differ by noise look alike, frames with an event do not")
  func vectors() throws {
    func frame(_ level: UInt8, square: Bool = false) -> FrameAppearance {
      var image = RGBImage(width: 64, height: 48, red: level, green: level, blue: level)
      if square { image.fill(x: 8, y: 8, width: 24, height: 24, with: RGBColour(250, 20, 20)) }
      return FrameAppearance(image)
    }
    let vectors = FrameAppearance.vectors(
      of: [frame(100), frame(101), frame(100), frame(101), frame(100, square: true)])
    #expect(vectors.map(\.count) == [577, 577, 577, 577, 577])
    let quiet = try #require(SelectionMetrics.visualRedundancy(of: Array(vectors[0...1])))
    let event = try #require(SelectionMetrics.visualRedundancy(of: [vectors[0], vectors[4]]))
    #expect(quiet > 0.95)
    #expect(event < 0)
  }
}
