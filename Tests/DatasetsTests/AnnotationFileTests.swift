import Datasets
import Testing

@Suite struct AnnotationFileTests {
  @Test func `UCF's pairs count from one and include both ends`() throws {
    let file = try UCFAnnotationFile.parse(
      "Abuse028_x264.mp4  Abuse  165  240  -1  -1  \n\n"
        + "Arrest001_x264.mp4\tArrest\t1185\t1485\t60\t60\n", file: "t.txt")
    #expect(file.entries[0].events == [164..<240])
    #expect(file.entries[1].events == [59..<60, 1184..<1485])
    #expect(file.entries[1].className == "Arrest")
  }

  @Test func `what is written is read back`() throws {
    let file = UCFAnnotationFile(entries: [
      .init(fileName: "a b.mp4", className: "Fighting", events: [0..<1, 5..<9, 20..<31]),
      .init(fileName: "n.mp4", className: "Normal", events: []),
    ])
    #expect(try UCFAnnotationFile.parse(file.text, file: "t.txt") == file)
    #expect(file.text.hasSuffix("n.mp4  Normal  -1  -1  -1  -1  \n"))
  }

  @Test(
    arguments: [
      "a.mp4  Abuse  10  5", "a.mp4  Abuse  10", "a.mp4 Abuse", "a.mp4  10  20", "a.mp4  X  0  5",
      "a.mp4  X  -1  5",
    ])
  func `a bad line is refused by file and number`(line: String) {
    do {
      _ = try UCFAnnotationFile.parse("\n" + line, file: "t.txt")
      Issue.record("accepted \(line)")
    } catch {
      #expect("\(error)".hasPrefix("t.txt:2: found '\(line)', expected"))
    }
  }

  @Test func `XD's lines are half-open frames, stray extensions dropped`() throws {
    let events = try XDAnnotationFile.parse(
      "v=a__#1_label_G-0-0.mp4 30 40 10 20\nFilm.2 1999 5 9\n", file: "annotations.txt")
    #expect(events["v=a__#1_label_G-0-0"] == [10..<20, 30..<40])
    #expect(events["Film.2 1999"] == [5..<9])
    #expect(throws: DatasetError.self) {
      try XDAnnotationFile.parse("name", file: "annotations.txt")
    }
  }
}
