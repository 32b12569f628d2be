import Testing
import Video

@Suite struct VideoFramesTests {
  let path = VideoFixtures.path("variable-rate.mp4")

  @Test func framesComeInTheOrderAskedForAndMayRepeat() throws {
    let frames = try VideoFrames.frames(at: [7, 0, 7, 18], of: path)
    #expect(frames.map(\.frameIndex) == [7, 0, 7, 18])
    #expect(frames[0].image == frames[2].image)
    #expect(frames[0].image != frames[1].image)
    let times = try VideoFrames.timestamps(of: path)
    #expect(frames.map(\.timestampSeconds) == [times[7], times[0], times[7], times[18]])
  }

  @Test func noIndicesAreNoFrames() throws {
    #expect(try VideoFrames.frames(at: [], of: path).isEmpty)
  }

  @Test(arguments: [19, -1, 1_000_000])
  func anIndexWithoutAFrameIsNamedWithTheTrueCount(index: Int) throws {
    #expect(throws: VideoError.noSuchFrame(path: path, index: index, frameCount: 19)) {
      try VideoFrames.frames(at: [3, index], of: path)
    }
  }
}
