import Foundation
import KeyEvents
import Records
import SelectionReports
import Synchronization
import TestSupport
import Testing
import Video

@Suite struct CurveStoreTests {
  /// The built-in scorer under another identity.
  private struct Renamed: RelevanceScorer {
    private let scorer = NoveltyScorer()
    let identity: ScorerIdentity
    var queries: [String] { scorer.queries }
    var preferredScaling: VideoScaling { scorer.preferredScaling }
    var observationsPerSecond: Double { scorer.observationsPerSecond }

    func begin(_ info: VideoInfo) throws -> any RelevanceScoring { try scorer.begin(info) }
  }

  @Test("a stored curve answers for the same scorer alone: prompts and arithmetic included")
  func oneScorerOneCurve() throws {
    let folder = try TemporaryFolder()
    let path = try RecordFixture.clip(in: folder)
    let store = CurveStore(folder: folder.file("curves"), options: SelectionOptions(frames: 3))
    func isStored(precision: String? = nil, settings: String? = nil) throws -> Bool {
      let identity = ScorerIdentity(
        kind: "clip", model: "m", precision: precision, settingsHash: settings)
      return try store.curve(id: "clip", path: path, scorer: Renamed(identity: identity)).wasStored
    }
    #expect(try isStored() == false)
    #expect(try isStored() == true)
    #expect(try isStored(precision: "int8") == false)
    #expect(try isStored(settings: "other prompts") == false)
    #expect(try isStored(precision: "int8") == true)
  }

  @Test("the fingerprint is the caller's where there is one; its failure is the video's")
  func fingerprints() throws {
    let folder = try TemporaryFolder()
    let path = try RecordFixture.clip(in: folder)
    let hash = Mutex("first")
    let store = CurveStore(
      folder: folder.file("curves"), options: SelectionOptions(frames: 3),
      fingerprint: { path in
        let hash = hash.withLock { $0 }
        guard !hash.isEmpty else {
          throw RecordError.unreadableVideo(path: path, reason: "no hash")
        }
        return VideoFingerprint(sizeBytes: 1, modifiedSeconds: 1, hash: hash)
      })
    func isStored() throws -> Bool {
      let holds = store.holds(id: "clip", path: path, scorer: NoveltyScorer())
      let stored = try store.curve(id: "clip", path: path, scorer: NoveltyScorer()).wasStored
      #expect(holds == stored)
      return stored
    }
    #expect(try !isStored() && isStored())
    hash.withLock { $0 = "second" }
    #expect(try !isStored() && isStored())
    hash.withLock { $0 = "" }
    #expect(throws: RecordError.self) { try isStored() }
  }

  @Test("a damaged curve is scored again", arguments: ["relevance", "timestampSeconds", "format"])
  func damaged(key: String) throws {
    let folder = try TemporaryFolder()
    let path = try RecordFixture.clip(in: folder)
    let store = CurveStore(folder: folder.file("curves"), options: SelectionOptions(frames: 3))
    let scorer = NoveltyScorer()
    let whole = try store.curve(id: "clip", path: path, scorer: scorer)
    #expect(store.holds(id: "clip", path: path, scorer: scorer))
    let place = try #require(
      FileManager.default.contentsOfDirectory(atPath: store.folder.path).first)
    let file = store.folder.appendingPathComponent("\(place)/clip.json")
    var record = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    if let list = record[key] as? [Any] {
      record[key] = key == "relevance" ? Array(list.dropLast()) : list.reversed()
    } else {
      record[key] = 99
    }
    try JSONSerialization.data(withJSONObject: record).write(to: file)
    #expect(!store.holds(id: "clip", path: path, scorer: scorer))
    let again = try store.curve(id: "clip", path: path, scorer: scorer)
    #expect(!again.wasStored && again.curve == whole.curve)
  }
}
