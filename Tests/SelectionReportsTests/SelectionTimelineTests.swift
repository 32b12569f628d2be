import Foundation
import FoundationXML
import KeyEvents
import SelectionReports
import TestSupport
import Testing

@Suite struct SelectionTimelineTests {
  @Test("the timeline is well-formed and shows a mark, a time and a role a frame")
  func content() throws {
    let record = try RecordFixture.record(in: TemporaryFolder())
    let svg = SelectionTimeline(record: record).svg()
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(svg.contains(">event 1<"))
    for frame in record.frames { #expect(svg.contains("mark \(frame.role.rawValue)")) }
    #expect(svg.contains(">0:11.0<"))
    #expect(!svg.contains("href=\"http"))
  }

  @Test("thirteen frames need a second line of labels")
  func lines() throws {
    func height(_ frames: Int) throws -> Int {
      let svg = SelectionTimeline(
        record: try RecordFixture.record(in: TemporaryFolder(), frames: frames)
      ).svg()
      return Int(svg.firstMatch(of: #/ height="(\d+)" viewBox/#)?.1 ?? "") ?? 0
    }
    #expect(try height(13) - height(12) == 34)
  }
}
