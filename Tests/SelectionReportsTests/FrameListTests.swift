import KeyEvents
import SelectionReports
import TestSupport
import Testing

@Suite struct FrameListTests {
  @Test("the filter names frames by number, and only where there is a video")
  func filter() throws {
    var record = try RecordFixture.record(in: TemporaryFolder())
    #expect(FrameList(record: record).ffmpegFilter == nil)
    for (place, number) in [0, 7, 30].enumerated() { record.frames[place].frameIndex = number }
    #expect(
      FrameList(record: record).ffmpegFilter == "select='eq(n,0)+eq(n,7)+eq(n,30)'")
  }

  @Test("the CSV has a line a frame; what holds a comma is quoted")
  func csv() throws {
    var record = try RecordFixture.record(in: TemporaryFolder())
    record.frames[1].prompt = "a \"fight\", at night"
    let lines = FrameList(record: record).csv.split(separator: "\r\n")
    #expect(lines.count == 4)
    #expect(lines[0] == "place,frame,pts,seconds,relevance,role,event,prompt,image,reason")
    #expect(lines[2].contains(",\"a \"\"fight\"\", at night\","))
  }
}
