import CommandSupport
import Testing

@Suite struct ProgressLineTests {
  @Test(
    "rates are told in a unit in which they are numbers",
    arguments: [
      (12.5, "12.5/s"), (1.0, "1.0/s"), (0.5, "30.0/min"), (1.0 / 60, "1.0/min"),
      (1.0 / 3600, "1.0/h"), (0.0, "0.0/h"),
    ])
  func rates(perSecond: Double, text: String) {
    #expect(ProgressLine.format(perSecond: perSecond) == text)
  }

  @Test func itemsUnderWayCountForRateAndTimeLeft() {
    #expect(
      ProgressLine.text("select", done: 1, underWay: 1, alreadyDone: 4, total: 10, seconds: 10)
        == "select: 5/10  12.0/min  20.0 s left")
    #expect(
      ProgressLine.text("select", done: 0, underWay: 0.25, alreadyDone: 0, total: 1, seconds: 30)
        == "select: 25%  1 min 30 s left")
    #expect(
      ProgressLine.text("select", done: 0, underWay: 0, alreadyDone: 0, total: 2, seconds: 1)
        == "select: 0/2  0.0/h")
  }
}
