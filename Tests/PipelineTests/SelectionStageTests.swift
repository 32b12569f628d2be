import Foundation
import KeyEvents
import Pipeline
import Records
import SelectionReports
import TestSupport
import Testing

@Suite struct SelectionStageTests {
  private let small: SmallVideos

  init() throws { small = try SmallVideos() }

  private func stage(
    journal: SelectionJournal? = nil, options: SelectionStage.Options? = nil
  ) throws -> SelectionStage {
    let folder = small.folder
    return try SelectionStage(
      scorer: NoveltyScorer(),
      options: options ?? .init(selection: SelectionOptions(frames: 3), jobs: 2),
      journal: journal, folder: { folder.file("out/\($0)") })
  }

  @Test func eachVideoGetsItsFolderAndFailuresEndOnlyTheirVideo() throws {
    let videos = NamedVideos.ids(of: [
      try small.clip("a"), try small.clip("other/a"), try small.damaged("bad"),
    ])
    #expect(videos.map(\.id) == ["a", "a-2", "bad"])
    let outcomes = try stage().run(videos)
    #expect(outcomes.count == 3)
    #expect(outcomes.map { $0?.record?.frames.count } == [3, 3, nil])
    #expect(outcomes[2]?.failure?.failureKind == .unreadableInput)
    for name in ["a", "a-2"] {
      for suffix in ["contact.jpg", "timeline.svg", "csv", "ffmpeg.txt", "selection.json"] {
        #expect(
          FileManager.default.fileExists(
            atPath: small.folder.file("out/\(name)/\(name).\(suffix)").path))
      }
    }
    #expect(try stage().plan(videos).unreadable == 1)
  }

  @Test func aVideoInTheJournalIsNotSelectedAgain() throws {
    let videos = [(id: "a", path: try small.clip("a"))]
    let file = small.folder.file("journal.jsonl")
    _ = try stage(journal: SelectionJournal(url: file)).run(videos)
    guard case .known(let record) = try stage(journal: SelectionJournal(url: file)).run(videos)[0]
    else {
      Issue.record("selected twice")
      return
    }
    #expect(record.frames.count == 3)
    // A missing picture is a reason to select again.
    let image = try #require(record.frames[0].image)
    try FileManager.default.removeItem(at: small.folder.file("out/a/\(image)"))
    guard case .selected = try stage(journal: SelectionJournal(url: file)).run(videos)[0] else {
      Issue.record("a missing picture is not restored")
      return
    }
  }

  @Test func aScorerWithoutEmbeddingsCannotWriteThem() throws {
    #expect(throws: KeyEventError.self) {
      try stage(options: .init(writesEmbeddings: true))
    }
  }

  @Test func scoresAloneGiveARecord() throws {
    let scores = small.folder.file("scores.json")
    try Data(
      #"{"timestamps": [0, 1, 2, 3, 4], "relevance": [0.1, 0.2, 0.9, 0.2, 0.1]}"#.utf8
    ).write(to: scores)
    let (record, file) = try SelectionStage.select(
      from: ScoreFile(contentsOf: scores), named: "scores",
      options: .init(selection: SelectionOptions(frames: 2)), folder: small.folder.file("out"))
    #expect(record.frames.count == 2)
    #expect(record.frames.contains { $0.timestampSeconds == 2 })
    #expect(try SelectionRecord.read(from: file).frames.count == 2)
  }

  @Test func strategiesAreEvaluatedOnAnnotatedVideosFromStoredCurves() throws {
    let dataset = try small.dataset()
    let workspace = try small.workspace()
    func stage() throws -> SelectionEvaluationStage {
      try SelectionEvaluationStage(
        dataset: dataset, workspace: workspace,
        options: .init(frames: [2, 4], strategies: [.kess, .uniform], resamples: 10)
      ) { try small.scorers(of: dataset) }
    }
    #expect(try stage().videos.map(\.id) == ["fight"])
    let first = try stage().run()
    #expect(first.failures.isEmpty && first.storedCurves == 0)
    let evaluation = try #require(first.evaluation)
    #expect(evaluation.videos == 1 && evaluation.events == 1)
    #expect(evaluation.lines.count == 4)
    let second = try stage().run()
    #expect(second.storedCurves == 1)
    #expect(try stage().plan().done == 1)
    let stop = StopSignal()
    stop.request()
    #expect(throws: CancellationError.self) { try stage().run(stop: stop) }
  }

  @Test func aSplitWithoutAnnotatedVideosIsRefusedBeforeWeightsAreLoaded() throws {
    let dataset = try small.dataset()
    #expect(throws: PipelineError.self) {
      try SelectionEvaluationStage(
        dataset: dataset, workspace: small.workspace(), options: .init(split: "train")
      ) {
        Issue.record("scorers were made")
        return try small.scorers(of: dataset)
      }
    }
  }
}
