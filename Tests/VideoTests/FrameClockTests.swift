import Testing
import Video

@Suite struct FrameClockTests {
  @Test func ticksBecomeSecondsFromTheContainersStart() {
    var clock = FrameClock(timeBaseSeconds: 0.25, startSeconds: 1.5, frameSeconds: 0.04)
    #expect([6, 7, 11].map { clock.seconds(ticks: $0) } == [0, 0.25, 1.25])
    #expect(clock.repairedCount == 0)
  }

  @Test func missingTicksGoOnAtTheAverageRate() {
    var clock = FrameClock(timeBaseSeconds: 0.5, startSeconds: 0, frameSeconds: 0.25)
    #expect([nil, nil, 2, nil, 4].map { clock.seconds(ticks: $0) } == [0, 0.25, 1, 1.25, 2])
    #expect(clock.repairedCount == 3)
  }

  @Test func timeNeverGoesBack() {
    var clock = FrameClock(timeBaseSeconds: 1, startSeconds: 0, frameSeconds: 0.5)
    #expect([4, 4, 1, 5, 6].map { clock.seconds(ticks: $0) } == [4, 4.5, 5, 5.5, 6])
    #expect(clock.repairedCount == 3)
  }
}
