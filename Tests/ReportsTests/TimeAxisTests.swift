import Reports
import Testing

@Suite struct TimeAxisTests {
  @Test(
    "ticks are round, in order, inside the video and at most the wanted number",
    arguments: [0.002, 0.04, 0.64, 1, 3.3, 7, 12, 59.9, 61, 300, 742, 3600, 9000, 40000, 200_000])
  func ticks(duration: Double) {
    for wanted in [2, 5, 8, 12] {
      let axis = TimeAxis(durationSeconds: duration, maximumTicks: wanted)
      let ticks = axis.ticks
      #expect(ticks.first == 0)
      #expect(ticks.count <= wanted + 1 && !ticks.isEmpty, "\(duration) s: \(ticks)")
      #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
      #expect(ticks.allSatisfy { $0 <= duration * (1 + 1e-9) })
      #expect(Set(ticks.map(axis.label)).count == ticks.count, "two ticks of one label")
    }
  }

  @Test("a clip of 12 seconds gets a tick every 2")
  func twelveSeconds() {
    let axis = TimeAxis(durationSeconds: 12)
    #expect(axis.stepSeconds == 2)
    #expect(axis.ticks.map(axis.label) == ["0:00", "0:02", "0:04", "0:06", "0:08", "0:10", "0:12"])
  }

  @Test("a place along the axis is its share of the duration, clipped")
  func percent() {
    let axis = TimeAxis(durationSeconds: 8)
    #expect(axis.percent(2) == 25)
    #expect(axis.percent(-1) == 0)
    #expect(axis.percent(9) == 100)
  }

  @Test(
    "clock times carry into minutes and hours",
    arguments: [
      (0.0, "0:00.0"), (7.25, "0:07.3"), (59.96, "1:00.0"), (3599.99, "1:00:00.0"),
      (3725.4, "1:02:05.4"), (1e300, "27777777777:46:40.0"), (.infinity, "27777777777:46:40.0"),
    ])
  func clock(seconds: Double, expected: String) {
    #expect(TimeAxis.clock(seconds, tenths: true) == expected)
  }
}
