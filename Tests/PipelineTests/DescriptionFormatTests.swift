import Foundation
import Pipeline
import Records
import TestSupport
import Testing
import Workspaces

/// What each format takes and refuses.
@Suite struct DescriptionFormatTests {
  @Test(
    "JSON lines: the usual names of keys mean the same",
    arguments: [
      #"{"video": "here.mp4", "description": "A quiet yard."}"#,
      #"{"video_id": "here", "caption": "A quiet yard."}"#,
      #"{"videoId": "here", "text": " A quiet yard. "}"#,
      #"{"id": 3, "file_name": "x/here.mp4", "sentence": "A quiet yard."}"#,
      #"{"id": "here", "sentences": ["A quiet yard."], "description": null}"#,
      #"{"Video": "HERE", "Caption": "A quiet yard.", "split": "test", "extra": {"a": [1]}}"#,
    ])
  func keys(line: String) throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(line + "\r\n\n")
    #expect(report.added == 1 && !report.hasFailures && report.describers == ["theirs"])
    #expect(try place.text("here") == "A quiet yard.")
    #expect(try place.sentences("here") == nil)
  }

  @Test("a number is a name, and seconds may be written as a clock")
  func numbers() throws {
    let place = try DescriptionImportFixture()
    try place.take(#"{"id": 17, "text": "A dog.", "start": "0:01:02.5", "end": 70}"#)
    #expect(try place.sentences("17") == [TimedSentence("A dog.", from: 62.5, to: 70)])
  }

  @Test(
    "JSON lines: a bad line is named with what was found, and the good ones are imported",
    arguments: [
      (#"{"video": "17", "description": "A dog.""#, "theirs.txt:2: found no"),
      (#"["17", "A dog."]"#, "theirs.txt:2: found a JSON array of 2"),
      (#"{"video": "17"}"#, "theirs.txt:2: found no text"),
      (#"{"description": "A dog."}"#, "theirs.txt:2: found no video"),
      (#"{"video": true, "description": "A dog."}"#, "found true as the video"),
      (#"{"video": "17", "description": "  "}"#, "found an empty text"),
      (#"{"video": "17", "description": "!!!"}"#, "found the text '!!!'"),
      (#"{"video": "17", "description": 5}"#, "found the number 5.0 as text"),
      (#"{"video": "17", "description": "A.", "video": "here"}"#, "the key 'video' twice"),
      (#"{"video": "17", "text": "A dog.", "start": 9, "end": 4}"#, "from 9.0 s to 4.0 s"),
      (#"{"video": "17", "text": "A dog.", "start": -1}"#, "the time -1.0"),
      (#"{"video": "17", "text": "A dog.", "start": "soon"}"#, "the text 'soon' as start"),
      (#"{"video": "17", "sentences": ["A.", "B."], "timestamps": [[0, 1]]}"#, "1 times and 2"),
      (#"{"video": "17", "sentences": ["A.", ""]}"#, "line 2, sentence 2: found an empty"),
      (#"{"video": "17", "sentences": []}"#, "found no sentence"),
      (#"{"video": "17", "sentences": ["A."], "timestamps": [["a", 1]]}"#, "among the times"),
      (#"{"video": "17", "description": "A dog.", "label": {"a": 1}}"#, "as the label"),
    ])
  func badLines(line: String, found: String) throws {
    let place = try DescriptionImportFixture()
    let report = try place.take("{\"video\": \"here\", \"text\": \"A yard.\"}\n" + line)
    #expect(report.added == 1 && report.hasFailures)
    #expect(report.problems.count == 1)
    let problem = report.problems.first ?? ""
    #expect(problem.replacing("theirs.txt:2, ", with: "line 2, ").contains(found), "\(problem)")
    #expect(problem.contains(", expected "))
    #expect(try place.text("here") == "A yard.")
  }

  @Test("bytes that are not UTF-8 cost their own line alone")
  func badBytes() throws {
    for (format, head, good) in [
      (ImportFormat.jsonl, "", #"{"video": "here", "text": "A yard."}"#),
      (.csv, "video,text\n", "here,A yard."),
    ] {
      let place = try DescriptionImportFixture()
      let bad = format == .jsonl ? #"{"video": "17", "text": "caf"# : "17,caf"
      var data = Data((head + good + "\n" + bad).utf8)
      data += [0xE9] + Data((format == .jsonl ? #""}"# : "").utf8) + Data("\n".utf8)
      let report = try place.take(data, format)
      #expect(report.added == 1 && report.problems.count == 1)
      #expect(report.problems[0].contains("not UTF-8"), "\(report.problems)")
    }
  }

  @Test("a file that is no UTF-8 text, or of another kind, is refused as a whole with a remedy")
  func otherFiles() throws {
    let place = try DescriptionImportFixture()
    func refusal(_ data: Data, _ format: ImportFormat) -> String {
      let error = #expect(throws: RecordError.self) { try place.take(data, format) }
      return error?.description ?? ""
    }
    let line = #"{"video": "here", "text": "A yard."}"#
    for encoding in [String.Encoding.utf16, .utf16LittleEndian] {
      let data = try #require(line.data(using: encoding))
      #expect(refusal(data, .jsonl).contains("iconv"))
      #expect(refusal(data, .csv).contains("iconv"))
    }
    #expect(refusal(Data([0x1F, 0x8B, 8, 1, 2]), .csv).contains("gunzip"))
    #expect(refusal(Data("[\(line)]".utf8), .jsonl).contains("jq -c '.[]'"))
    #expect(refusal(Data("{\n\"video\": \"here\"\n}".utf8), .jsonl).contains("no usable line"))
    #expect(refusal(Data(" \n".utf8), .jsonl).contains("empty file"))
    #expect(refusal(Data("name;words\nhere;A yard".utf8), .csv).contains("'name;words'"))
    #expect(refusal(Data("video,text\n".utf8), .csv).contains("without rows"))
    #expect(refusal(Data("video,text\nhere,\"A yard".utf8), .csv).contains("line 2"))
    #expect(refusal(Data("video,text,Text\nhere,a,b".utf8), .csv).contains("'text' twice"))
    #expect(refusal(Data("[1]".utf8), .uca).contains("a JSON array of 1"))
    #expect(refusal(Data("{\"here\": {".utf8), .uca).contains("no complete JSON"))
    #expect(refusal(Data("{\"here\": 5}".utf8), .uca).contains("entry 'here'"))
    #expect(
      throws: RecordError.self, performing: { try place.take(URL(fileURLWithPath: "/no"), .uca) })
  }

  @Test(
    "tables: commas, semicolons and tabs; quotes, byte order mark, any line ends",
    arguments: [
      "video,caption\nhere.mp4,\"A yard, \"\"quiet\"\".\"\n",
      "\u{FEFF}Video;Split;Caption\r\nhere;test;\"A yard, \"\"quiet\"\".\"\r\n\r\n",
      "id\tDescription\n\nhere\tA yard, \"quiet\".",
    ])
  func tables(text: String) throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(text, .csv)
    #expect(report.added == 1 && !report.hasFailures, "\(report.problems)")
    #expect(try place.text("here") == "A yard, \"quiet\".")
  }

  @Test("tables: quoted line ends, decimal commas, short rows and empty cells")
  func tableRows() throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(
      "video;start;end;text\nhere;1,5;2,25;\"A yard.\nQuiet.\"\n17;;;\nAbuse001;1\nclip1~2;x;2;A dog\n",
      .csv)
    #expect(try place.sentences("here") == [TimedSentence("A yard.\nQuiet.", from: 1.5, to: 2.25)])
    // The quoted line end counts: the next row is line 4.
    #expect(
      report.problems.map { $0.prefix(12) } == ["theirs.txt:4", "theirs.txt:5", "theirs.txt:6"])
  }

  @Test("UCA: sentences with their times; counts, order and repeated keys are checked")
  func uca() throws {
    let place = try DescriptionImportFixture()
    let report = try place.take(
      """
      {"Abuse001_x264": {"duration": 30.5, "timestamps": [[12.0, 31.0], [0.5, 4]],
        "sentences": ["He falls down ", "A man walks in"]},
       "here": {"duration": 5, "timestamps": [[0, 1], [2, 3]], "sentences": ["A yard."]},
       "17": {"duration": 5, "timestamps": [[3, 1]], "sentences": ["A dog."]},
       "clip1~2": {"duration": 5, "sentences": ["A dog."]},
       "unknown_x264": {"duration": 5, "timestamps": [[0, 1]], "sentences": ["A cat."]}}
      """, .uca)
    #expect(report.added == 1 && report.problems.count == 3 && report.describers == ["uca"])
    #expect(report.sentencesPastEnd == 1 && report.unmatched == ["unknown_x264"])
    #expect(try place.text("Abuse001_x264") == "A man walks in. He falls down.")
    #expect(
      try place.sentences("Abuse001_x264") == [
        TimedSentence("A man walks in", from: 0.5, to: 4),
        TimedSentence("He falls down", from: 12, to: 31),
      ])
  }

  private let hivau = """
    {"Abuse001_x264": {"n_frames": 300, "fps": 30.0, "label": ["Abuse"],
      "events": [[1.0, 3.0], [5.0, 12.0]],
      "clips": [[[1.0, 2.0], [2.0, 3.0]], []],
      "clips_caption": [["A man comes.", "He shouts."], []],
      "events_summary": ["A man shouts.", "He leaves."],
      "video_summary": "A man shouts and leaves.",
      "events_summary_split": [], "video_summary_split": {}},
     "here": {"n_frames": 30, "fps": 30.0, "label": ["Abuse"], "events": [[0, 1]], "clips": [[]],
      "clips_caption": [[]], "events_summary": [], "video_summary": ""}}
    """

  @Test("HIVAU-70k: video, event or clip texts; an entry without them is named")
  func hivauLevels() throws {
    for (level, text, late) in [
      (ImportLevel.video, "A man shouts and leaves.", 0),
      (.event, "A man shouts. He leaves.", 1), (.clip, "A man comes. He shouts.", 0),
    ] {
      let place = try DescriptionImportFixture()
      let report = try place.take(hivau, .hivau) { $0.level = level }
      #expect(report.added == 1 && report.problems.count == 1 && report.sentencesPastEnd == late)
      #expect(try place.text("Abuse001_x264") == text)
      #expect(report.describers == [level == .video ? "hivau" : "hivau-\(level.rawValue)"])
    }
    let place = try DescriptionImportFixture()
    #expect(
      throws: RecordError.self,
      performing: { try place.take(#"{"video": "a.mp4", "conversations": []}"#, .hivau) })
  }

  @Test("LAVAD: a folder of frames' captions, in the order of the frames, repeats left out")
  func lavad() throws {
    let place = try DescriptionImportFixture()
    let folder = place.folder.file("captions")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in [
      ("here.json", #"{"0": "a yard", "32": "a yard", "16": "a dog in a yard"}"#),
      ("17.json", #"{"0": "a street", "x": "a car"}"#), ("clip1~2.json", "{"),
    ] {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    let report = try place.take(folder, .lavad)
    #expect(report.added == 1 && report.repeatedSentences == 1 && report.problems.count == 2)
    #expect(try place.text("here") == "a yard. a dog in a yard.")
    #expect(try place.sentences("here")?.map(\.text) == ["a yard", "a dog in a yard", "a yard"])
  }
}
