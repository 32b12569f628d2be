import Pipeline
import Testing

@Suite struct DetectedIntervalsTests {
  @Test func neighbouringSnippetsOverTheThresholdAreOneInterval() {
    let found = DetectedIntervals.find(in: [0.1, 0.6, 0.9, 0.2, 0.5], threshold: 0.5) {
      Double($0)...Double($0 + 1)
    }
    #expect(found.map(\.startSeconds) == [1, 4])
    #expect(found.map(\.endSeconds) == [3, 5])
    #expect(found.map(\.peakScore) == [0.9, 0.5])
    #expect(found.map(\.peakSeconds) == [2.5, 4.5])
  }

  @Test func nothingOverTheThresholdIsNoInterval() {
    #expect(DetectedIntervals.find(in: [0.1, 0.2], threshold: 0.5) { _ in 0...1 }.isEmpty)
    #expect(DetectedIntervals.find(in: [], threshold: 0) { _ in 0...1 }.isEmpty)
  }
}
