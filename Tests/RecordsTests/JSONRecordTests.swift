import Foundation
import Records
import TestSupport
import Testing

@Suite struct JSONRecordTests {
  struct Sample: Codable, Equatable {
    var name: String
    var values: [Int]
  }

  @Test func aRecordComesBackAndTheSameRecordIsTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let sample = Sample(name: "a/b", values: [1, 2])
    try JSONRecord.write(sample, to: folder.file("s.json"))
    #expect(try JSONRecord.read(Sample.self, from: folder.file("s.json")) == sample)
    #expect(try JSONRecord.encode(sample) == Data(contentsOf: folder.file("s.json")))
    #expect(try String(contentsOf: folder.file("s.json"), encoding: .utf8).contains("a/b"))
  }

  @Test(arguments: [
    (#"{"name":"x"}"#, "values"), (#"{"name":"x","values":["a"]}"#, "values"), ("{", "damaged"),
  ])
  func aWrongRecordNamesTheFileAndTheKey(content: String, finding: String) throws {
    let folder = try TemporaryFolder()
    try Data(content.utf8).write(to: folder.file("s.json"))
    let error = #expect(throws: RecordError.self) {
      try JSONRecord.read(Sample.self, from: folder.file("s.json"))
    }
    #expect(error?.description.hasPrefix(folder.file("s.json").path) == true)
    #expect(error?.description.contains(finding) == true)
  }
}
