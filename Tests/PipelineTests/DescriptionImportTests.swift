import Datasets
import Descriptions
import Foundation
import Pipeline
import Records
import TestSupport
import Testing
import Workspaces

@Suite struct DescriptionImportTests {
  private let yard = #"{"video": "here", "text": "A quiet yard."}"#

  @Test("an import is recorded with its kind, its name and its file's hash")
  func provenance() throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(yard) { $0.describer = "our people" }
    let stored = try #require(try place.ledger.description(videoID: "here"))
    let identity = try #require(DescriberIdentity(recorded: stored.describer))
    #expect(identity.kind == .imported && identity.description == "imported: our people")
    let request = try #require(try place.ledger.request(stored.requestKey))
    #expect(request.describerKind == "imported" && request.promptName == "theirs.txt")
    #expect(
      request.promptHash == ContentHash.of(Data(yard.utf8)) && report.fileHash == request.promptHash
    )
    let describer = try #require(try place.ledger.status().describers.first)
    #expect(describer.name == "imported: our people" && describer.presentVideos == 1)
    #expect(describer.files == ["theirs.txt": request.promptHash])
    let line = try #require(try DescriptionExport.lines(of: place.ledger).first)
    #expect(line.describerKind == "imported" && line.model == "our people")
    let stage = try #require(try StageLog.read(from: place.workspace).stages.first)
    #expect(stage.isImported == true && stage.used == "imported: our people")
    #expect(ReportBuilder.stage(stage).implementation == .imported)
    // The file of the video is known, so that a run recognizes it; the others have none.
    let video = try #require(try place.ledger.video("here"))
    #expect(video.fingerprint == (try VideoFingerprint.measure(path: video.path).hash))
    #expect(try LedgerCheck.run(place.ledger).isClean)
    #expect(try VideoFileCheck.run(place.ledger, isQuick: false).isClean)
  }

  @Test("the same again is nothing to do; another text stays out without --replace")
  func again() throws {
    let place = try DescriptionImportFixture()
    try place.take(yard)
    let counts = try place.ledger.counts()
    let same = try place.take(yard)
    #expect(same.unchanged == 1 && same.stored == 0 && !same.hasFailures)
    #expect(same.lines.contains { $0.hasPrefix("nothing to do") })
    #expect(try place.ledger.counts() == counts)

    let other = #"{"video": "here", "text": "A loud yard."}"#
    let kept = try place.take(other)
    #expect(kept.differing == ["here"] && kept.hasFailures)
    #expect(kept.failures.contains { $0.contains("--replace") })
    #expect(try place.text("here") == "A quiet yard." && place.ledger.counts() == counts)

    let replaced = try place.take(other) { $0.isReplacing = true }
    #expect(replaced.replaced == 1 && !replaced.hasFailures)
    #expect(try place.text("here") == "A loud yard.")
    #expect(try place.take(other).unchanged == 1)
    // The earlier text is in the ledger, and can come back.
    #expect(try place.take(yard).differing == ["here"])
    #expect(try place.take(yard) { $0.isReplacing = true }.replaced == 1)
    #expect(try place.text("here") == "A quiet yard.")
    #expect(try place.ledger.counts().descriptions == 2)
    #expect(try place.take(yard).unchanged == 1)
  }

  @Test("another describer's description stays present and in the ledger, and can be chosen")
  func besides() throws {
    let place = try DescriptionImportFixture()
    try place.take(yard) { $0.describer = "first" }
    let second =
      #"{"video": "here", "text": "Nobody in the yard."}"# + "\n"
      + #"{"video": "17", "text": "A dog."}"#
    let report = try place.take(second) { $0.describer = "second" }
    #expect(report.added == 1 && report.beside == ["here"] && !report.hasFailures)
    #expect(try place.text("here") == "A quiet yard.")
    let chosen = try #require(try place.ledger.makePresent(describer: "imported: SECOND"))
    #expect(chosen.changed == 1 && chosen.describers.map(\.model) == ["second"])
    #expect(try place.text("here") == "Nobody in the yard.")
    #expect(try place.ledger.makePresent(describer: "first")?.changed == 1)
    // A video that the chosen one has not described keeps its description.
    #expect(try place.text("here") == "A quiet yard." && place.text("17") == "A dog.")
    #expect(try place.ledger.makePresent(describer: "third") == nil)
    let taken = try place.take(second) {
      $0.describer = "second"
      $0.isReplacing = true
    }
    #expect(taken.replaced == 1 && taken.unchanged == 1)
    #expect(try place.text("here") == "Nobody in the yard.")
  }

  @Test(
    "a model's answer is neither lost nor replaced, and a later answer does not lose the import")
  func models() throws {
    let place = try DescriptionImportFixture()
    try place.ledger.register([
      LedgerVideo(
        id: "here", path: place.folder.file("here.mp4").path,
        fingerprint: VideoFingerprint.measure(path: place.folder.file("here.mp4").path))
    ])
    func answer(_ key: String, _ text: String) throws {
      try place.ledger.record(
        LedgerRequest(
          key: key, videoID: "here", selectionKey: nil, describerKind: "openai", model: "vlm",
          promptName: "p", promptVersion: "1", promptHash: "h", layout: "stills", sampling: "{}",
          frames: "[]", predictedImageTokens: nil))
      try place.ledger.store(
        LedgerDescription(
          videoID: "here", requestKey: key, text: text, status: .complete,
          describer: #"{"kind":"openai","model":"vlm"}"#), intentKey: "intent \(key)")
    }
    try answer("r1", "The answer.")
    #expect(try place.take(yard).beside == ["here"])
    #expect(try place.text("here") == "The answer.")
    #expect(try place.ledger.makePresent(describer: "theirs")?.changed == 1)
    try answer("r2", "The next answer.")
    #expect(try place.text("here") == "The next answer.")
    #expect(try place.ledger.makePresent(describer: "theirs")?.changed == 1)
    #expect(try place.text("here") == "A quiet yard.")
    // The same text by a model of that name is there already, whoever exports it.
    #expect(
      try place.take(#"{"video": "here", "text": "The answer."}"#) { $0.describer = "vlm" }
        .unchanged == 1)
  }

  @Test("our own export comes back equal, as lines and as a table, with times and pieces")
  func roundTrip() throws {
    let place = try DescriptionImportFixture()
    try place.take(
      """
      {"video": "here", "text": "Line one,\\nline \\"two\\"; done"}
      {"video": "17", "sentences": ["B walks", "A stands."], "timestamps": [[4, 5.25], [1, 2]]}
      """
    ) { $0.describer = "people" }
    let before = try ["here", "17"].map { try place.text($0) }
    for (format, name) in [(ImportFormat.jsonl, "e.jsonl"), (.csv, "e.csv")] {
      let file = place.folder.file(name)
      if format == .jsonl {
        try DescriptionExport.write(place.ledger, to: file)
      } else {
        try DescriptionTable.write(place.ledger, to: file)
      }
      #expect(try place.take(file, format).unchanged == 2)
      let other = try DescriptionImportFixture()
      let report = try other.take(file, format)
      #expect(report.added == 2 && report.describers == ["people"] && !report.hasFailures)
      #expect(try ["here", "17"].map { try other.text($0) } == before)
      #expect(try other.sentences("17") == place.sentences("17"))
    }
    // The pieces of a video are its sentences.
    let report = try DescriptionImportFixture().take(
      """
      {"video":"17~a","segmentOf":"17","startSeconds":0,"endSeconds":60,"text":"A.","requestKey":"x"}
      {"video":"17~b","segmentOf":"17","startSeconds":60,"endSeconds":90,"text":"B.","requestKey":"y"}
      """)
    #expect(report.added == 1 && report.sentences == 2)
  }

  @Test("sentences are ordered, closed and joined; exact repeats are left out of the text")
  func joining() throws {
    let place = try DescriptionImportFixture()
    try place.take(
      """
      {"video": "here", "start": 5, "end": 6, "text": "Third: he says \\"stop!\\""}
      {"video": "here", "start": 1, "end": 9, "text": "first one,"}
      {"video": "here", "start": 1, "end": 2, "text": "Second  one…"}
      {"video": "here", "start": 7, "end": 8, "text": "First one."}
      {"video": "here", "start": 7, "end": 8, "text": "First one."}
      """)
    #expect(try place.text("here") == "first one. Second one… Third: he says \"stop!\"")
    #expect(try place.sentences("here")?.count == 4)
  }

  @Test("entries of one video that differ, and names of two videos, are named and not merged")
  func conflicts() throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(
      """
      {"video": "here", "text": "A yard."}
      {"video": "here.mp4", "text": "A street."}
      {"video": "17", "text": "A dog."}
      {"video": "17", "text": "A dog."}
      {"video": "clip1", "text": "Two men."}
      {"video": "Normal/clip1.mp4", "text": "A walk."}
      {"video": "Abuse001", "text": "A man.", "start": 1}
      {"video": "Abuse001_x264", "text": "A woman.", "start": 2}
      """)
    #expect(report.added == 2 && report.repeatedEntries == 1)
    #expect(report.problems.count == 3)
    #expect(
      report.problems.contains {
        $0.contains("different texts for 'here'") && $0.contains("line 2")
      })
    #expect(
      report.problems.contains { $0.contains("'clip1', which fits 2 videos: clip1, clip1~2") })
    #expect(report.problems.contains { $0.contains("different texts for 'Abuse001_x264'") })
    #expect(try place.text("clip1~2") == "A walk." && place.text("clip1") == nil)
    // Twice the same key in one JSON object is the same conflict.
    let uca = try DescriptionImportFixture().take(
      """
      {"here": {"timestamps": [[0, 1]], "sentences": ["A."]},
       "here": {"timestamps": [[0, 1]], "sentences": ["B."]}}
      """, .uca)
    #expect(uca.added == 0 && uca.problems.count == 1)
  }

  @Test("a label, or a name, of another class than the data set's is told and changes nothing")
  func labels() throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(
      """
      {"video": "here", "label": "Fight", "text": "A yard."}
      {"video": "Abuse001", "label": [], "text": "A man."}
      {"video": "clip1~2", "label": "Normal", "text": "A walk."}
      {"video": "17", "label": "Fight", "text": "A dog."}
      """)
    #expect(report.added == 4 && report.contradictions.count == 2 && !report.hasFailures)
    #expect(report.warnings.contains { $0.contains("2 entries are of another class") })
    #expect(try place.ledger.video("here")?.classNames == ["Normal"])
    var other = try DescriptionImportFixture()
    other.dataset.videos[0].classNames = ["Normal"]
    let named = try other.take(#"{"video": "Abuse001", "text": "A man."}"#)
    #expect(named.contradictions.first?.contains("a name of the class 'Abuse'") == true)
  }

  @Test("a file of other videos is refused with a name from each side")
  func otherDataset() throws {
    let place = try DescriptionImportFixture()
    let error = #expect(throws: PipelineError.self) {
      try place.take(#"{"video": "theirs9", "text": "A yard."}"#)
    }
    #expect(error?.description.contains("theirs9") == true)
    #expect(error?.description.contains("Abuse001_x264") == true)
    #expect(try place.ledger.counts().videos == 0)
  }

  @Test("a stop before the end stores nothing")
  func stopped() throws {
    let place = try DescriptionImportFixture()
    try Data(yard.utf8).write(to: place.folder.file("f"))
    let stop = StopSignal()
    stop.request()
    #expect(throws: CancellationError.self) {
      try DescriptionImport(
        file: place.folder.file("f"), options: .init(format: .jsonl), dataset: place.dataset,
        workspace: place.workspace, ledger: place.ledger
      ).run(stop: stop)
    }
    #expect(try place.ledger.counts().videos == 0)
  }

  @Test("a video that was cut into pieces gets the import as a whole, and keeps its pieces")
  func pieces() throws {
    let place = try DescriptionImportFixture()
    let fingerprint = try VideoFingerprint.measure(path: place.folder.file("here.mp4").path)
    let segment = VideoSegment(videoID: "here", startSeconds: 0, endSeconds: 60, isLast: false)
    try place.ledger.register([
      LedgerVideo(
        id: "here@0", path: place.folder.file("here.mp4").path, fingerprint: fingerprint,
        segment: segment)
    ])
    #expect(try place.take(yard).added == 1)
    #expect(try place.ledger.video("here@0")?.isCurrent == true)
    #expect(try place.text("here") == "A quiet yard.")
  }
}
