import Encoders
import Foundation
import KeyEvents
import Records
import TestSupport
import Testing
import Video

@Suite struct SelectionSchemaTests {
  private static let schema = Golden.url("Documentation/selection.schema.json", in: "../..")

  @Test("a record of a video and one of a file of scores conform to the schema")
  func records() throws {
    let schema = try JSONSchema(contentsOf: Self.schema)
    let folder = try TemporaryFolder()
    let path = folder.file("clip.mp4").path
    let writer = try VideoWriter(path: path, width: 64, height: 48, frameRate: 8)
    for number in 0..<40 {
      var image = RGBImage(width: 64, height: 48, red: 90)
      image.fill(
        x: number, y: 8, width: 16, height: 16, with: RGBColour(250, UInt8(number * 6), 20))
      try writer.append(image)
    }
    try writer.finish()
    let video = try KeyEventSelector.select(path: path, scorer: NoveltyScorer()).record
    let scores = try RecordFixture.record(in: folder)
    var clip = video
    clip.scorer = ScorerIdentity(
      kind: "clip", model: "m", weightsHash: "w", precision: "f16", settingsHash: "s")
    clip.candidates.encoding = EncodingCounts(encoded: 1, reused: 2, skipping: StaticFrameRule())
    var earlier = video
    earlier.video?.sha256 = video.video?.contentHash
    earlier.video?.contentHash = nil
    earlier.video?.contentHashRule = nil
    for record in [video, scores, clip, earlier] {
      #expect(try schema.problems(in: JSONRecord.encode(record)) == [])
    }
  }

  @Test("what is missing, added, of another type or out of range is found")
  func problems() throws {
    let schema = try JSONSchema(contentsOf: Self.schema)
    let record = try RecordFixture.record(in: TemporaryFolder())
    let data = try JSONRecord.encode(record)
    func changed(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      change(&object)
      return try schema.problems(in: JSONSerialization.data(withJSONObject: object))
    }
    #expect(try changed { _ in } == [])
    #expect(try changed { $0["frames"] = nil } == ["$: no 'frames'"])
    #expect(try changed { $0["extra"] = 1 } == ["$: 'extra' is not in the schema"])
    #expect(try changed { $0["requestedFrames"] = 2.5 } == ["$.requestedFrames: is not integer"])
    #expect(try changed { $0["requestedFrames"] = true } == ["$.requestedFrames: is not integer"])
    #expect(try changed { $0["requestedFrames"] = 0 }.count == 1)
    #expect(try changed { $0["strategy"] = "best" }.count == 1)
    #expect(try changed { $0["format"] = 1 }.count == 1)
    #expect(try changed { $0["video"] = "a.mp4" } == ["$.video: fits none of anyOf"])
  }
}
