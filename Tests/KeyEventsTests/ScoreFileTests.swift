import Foundation
import KeyEvents
import Records
import Tensors
import TestSupport
import Testing

@Suite struct ScoreFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ json: String) throws -> ScoreFile {
    let url = folder.file("scores.json")
    try Data(json.utf8).write(to: url)
    return try ScoreFile(contentsOf: url)
  }

  @Test func `null and NaN are unscored`() throws {
    let curve = try read(
      #"{"timestamps": [0, 1.5, 2, 3], "relevance": [0.25, null, NaN, 1e2], "duration": 4.5}"#
    ).curve
    #expect(curve.timestamps == [0, 1.5, 2, 3] && curve.relevance == [0.25, nil, nil, 100])
    #expect(curve.durationSeconds == 4.5 && !curve.hasEmbeddings)
  }

  @Test func `embeddings are a row for each timestamp, read beside the file`() throws {
    try Npy.write(
      Tensor(shape: [2, 3], scalars: [1, 2, 3, 0, 0, 0]), to: folder.file("looks.npy"))
    let file = try read(
      #"{"timestamps": [0, 1], "relevance": [1, 2], "embeddings": "looks.npy"}"#)
    #expect(file.curve.embeddings == [[1, 2, 3], nil])
    #expect(file.scores.embeddings == "looks.npy")
  }

  @Test func `an array is two columns`() throws {
    let url = folder.file("scores.npy")
    try Npy.write(Tensor(shape: [3, 2], scalars: [0, 5, 1, .nan, 2, 7]), to: url)
    let curve = try ScoreFile(contentsOf: url).curve
    #expect(curve.timestamps == [0, 1, 2] && curve.relevance == [5, nil, 7])
  }

  @Test func `a record of scores has no video, and says which file and scorer`() throws {
    let file = try read(#"{"timestamps": [0, 1, 2], "relevance": [1, 9, 2]}"#)
    let record = try file.record(SelectionOptions(frames: 2, strategy: .topk))
    #expect(record.frames.map(\.candidateIndex) == [1, 2] && record.video == nil)
    #expect(record.frames.map(\.frameIndex) == [nil, nil])
    #expect(record.scorer.kind == "scores" && record.scores == file.scores)
    let object = try #require(
      JSONSerialization.jsonObject(with: JSONRecord.encode(record)) as? [String: Any])
    #expect(object["video"] is NSNull)
    let url = folder.file("x.selection.json")
    try JSONRecord.write(record, to: url)
    #expect(try SelectionRecord.read(from: url) == record)
    #expect(record.curve.timestamps == [0, 1, 2])
  }

  @Test(arguments: [
    (#"{"timestamps": [0, 2, 1], "relevance": [1, 2, 3]}"#, "timestamp 1.0 after 2.0, at place 2"),
    (#"{"timestamps": [0, 1], "relevance": [1]}"#, "2 timestamps and 1 relevances"),
    (#"{"timestamps": [-1], "relevance": [1]}"#, "timestamp -1.0 at place 0"),
    (#"{"timestamps": [NaN], "relevance": [1]}"#, "timestamp nan at place 0"),
    (#"{"timestamps": [0, 9], "relevance": [1, 2], "duration": 3}"#, "duration 3.0"),
    (#"{"timestamps": [0], "relevance": ["a"]}"#, "relevance"),
    (#"{"timestamps": [0, 1.7e18], "relevance": [1, 2]}"#, "a time of 1.7e+18"),
    (#"{"timestamps": [0], "relevance": [1], "duration": 1e308}"#, "a time of 1e+308"),
    ("[1, 2]", "the whole that is not an object"),
    (#"{"relevance": [1]}"#, "no key 'timestamps'"),
    ("not json", "damaged content"),
  ])
  func `what is no curve is refused with what was found`(json: String, finding: String) throws {
    let error = #expect(throws: KeyEventError.self) { try read(json) }
    #expect(error?.description.contains(finding) == true, "\(error?.description ?? "")")
    #expect(error?.failureKind == .unreadableInput)
  }

  @Test func `arrays of another shape and embeddings of another length are refused`() throws {
    let url = folder.file("scores.npy")
    try Npy.write(Tensor(shape: [2, 3], scalars: [0, 1, 2, 3, 4, 5]), to: url)
    #expect(throws: KeyEventError.self) { try ScoreFile(contentsOf: url) }
    #expect(throws: KeyEventError.self) {
      try read(#"{"timestamps": [0], "relevance": [1], "embeddings": "scores.npy"}"#)
    }
    #expect(throws: RecordError.self) { try ScoreFile(contentsOf: folder.file("none.json")) }
    #expect(throws: TensorError.self) {
      try read(#"{"timestamps": [0], "relevance": [1], "embeddings": "none.npy"}"#)
    }
  }
}
