import Foundation
import TestSupport
import Testing
import Video

@Suite(.blocking) struct CompareCommandTests {
  private struct Comparison: Decodable {
    struct Row: Decodable {
      struct Pick: Decodable { var seconds: Double }
      var strategy: String
      var picks: [Pick]
      var failure: String?
      var notes: [String]
    }
    var strategies: [Row]
    var candidates: Int
    var picture: String
  }

  @Test("one video gives a row a strategy and one picture")
  func video() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("clip.mp4"), frames: 64, isAnomalous: true)
    let run = try CommandRun.run(
      "kess", ["compare", "clip.mp4", "--frames", "4", "--scorer", "builtin", "--json"],
      in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let comparison = try JSONDecoder().decode(
      Comparison.self, from: Data(run.standardOutput.utf8))
    let counts = Dictionary(
      uniqueKeysWithValues: comparison.strategies.map { ($0.strategy, $0.picks.count) })
    #expect(
      counts == [
        "kess": 4, "uniform": 4, "stratified": 4, "topk": 4, "aks": 4, "aks-compat": 0, "bolt": 4,
        "facility-location": 4,
      ])
    #expect(comparison.strategies.allSatisfy { $0.failure == nil })
    let picture = try String(
      contentsOf: folder.file("clip.comparison.svg"), encoding: .utf8)
    #expect(picture.contains("data:image/jpeg;base64,"))
  }

  @Test("a file of scores without embeddings leaves out what needs them, and says so")
  func scores() throws {
    let folder = try TemporaryFolder()
    try Data(#"{"timestamps":[0,1,2,3,4,5],"relevance":[0,0,1,null,0,0]}"#.utf8)
      .write(to: folder.file("scores.json"))
    let run = try CommandRun.run(
      "kess", ["compare", "--scores", "scores.json", "--frames", "3"], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(
      run.standardOutput.split(separator: "\n").contains {
        $0.hasPrefix("facility-location") && $0.contains("not run")
      })
    #expect(FileManager.default.fileExists(atPath: folder.file("scores.comparison.svg").path))
  }

  @Test(
    "wrong usage is exit code 64",
    arguments: [
      ["compare"], ["compare", "a.mp4", "--scores", "b.json"],
      ["compare", "a.mp4", "--frames", "0"],
      ["compare", "a.mp4", "--strategies", "best"],
      ["evaluate", "--dataset", "demo", "--frames", "4,x"],
    ])
  func usage(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    #expect(try CommandRun.run("kess", arguments, in: folder.url).exitCode == 64)
  }
}
