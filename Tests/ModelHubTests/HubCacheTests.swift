import Foundation
import ModelHub
import Records
import TestSupport
import Testing

@Suite("Hub cache")
struct HubCacheTests {
  @Test(
    "the cache is where huggingface_hub looks",
    arguments: [
      (["HF_HUB_CACHE": "/a", "HF_HOME": "/b"], "/a"), (["HF_HOME": "/b", "HOME": "/c"], "/b/hub"),
      (["XDG_CACHE_HOME": "/x", "HOME": "/c"], "/x/huggingface/hub"),
      (["HOME": "/c", "HF_HOME": ""], "/c/.cache/huggingface/hub"),
    ])
  func places(environment: [String: String], root: String) {
    #expect(HubCache.find(environment: environment).root.path == root)
  }

  @Test("ids are names and revisions, and no way out of a folder")
  func ids() throws {
    #expect(try HubModelID("openai/clip").revision == "main")
    let pinned = try HubModelID("openai/clip-vit@refs/pr/1")
    #expect(pinned.name == "openai/clip-vit" && pinned.revision == "refs/pr/1")
    #expect(try HubModelID("gpt2").description == "gpt2")
    for text in ["", "a/b/c", "/a", "a/", "..", "a/..", "a--b", "a b", "a@", "a@../x", "a@x/", "ä"]
    {
      #expect(throws: HubError.self, "\(text)") { try HubModelID(text) }
    }
  }

  @Test("files are compared with the hashes of their blobs, or those recorded beside them")
  func verification() throws {
    let folder = try TemporaryFolder()
    let content = Data("weights".utf8)
    let blobs = folder.file("blobs")
    let snapshot = folder.file("snapshots/c")
    for made in [blobs, snapshot, folder.file("plain/.cache/huggingface/download")] {
      try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    }
    let hash = ContentHash.of(content)
    for (name, data) in [("good", content), ("bad", Data("weighty".utf8))] {
      let blob = name == "good" ? hash : String(hash.reversed())
      try data.write(to: blobs.appendingPathComponent(blob))
      try FileManager.default.createSymbolicLink(
        atPath: snapshot.appendingPathComponent(name).path,
        withDestinationPath: "../../blobs/\(blob)")
    }
    try FileManager.default.createSymbolicLink(
      atPath: snapshot.appendingPathComponent("gone").path,
      withDestinationPath: "../../blobs/\(String(repeating: "0", count: 64))")
    try Data().write(to: snapshot.appendingPathComponent("own"))
    let outcomes = HubVerification(of: snapshot).entries
    #expect(outcomes.map(\.path) == ["bad", "gone", "good", "own"])
    #expect(
      outcomes[0].outcome
        == .differs(
          found: ContentHash.of(Data("weighty".utf8)), recorded: String(hash.reversed())))
    #expect(outcomes[1].outcome == .unreadable(reason: "it cannot be read, or its blob is missing"))
    #expect(outcomes[2].outcome == .matches && outcomes[3].outcome == .unrecorded)

    // As `hf download --local-dir` leaves it.
    let plain = folder.file("plain")
    try Data("hello\n".utf8).write(to: plain.appendingPathComponent("config.json"))
    try Data("commit\nce013625030ba8dba906f756967f9e9ca394464a\n1.5\n".utf8).write(
      to: plain.appendingPathComponent(".cache/huggingface/download/config.json.metadata"))
    #expect(HubVerification(of: plain).entries.map(\.outcome) == [.matches])
  }
}
