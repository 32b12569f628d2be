import DemoData
import Foundation
import Records
import TestSupport
import Testing

@Suite struct RealTableTests {
  private func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws {
    try AtomicFile.write(Data(text.utf8), to: folder.file(name))
  }

  private func evaluation(_ areas: [Double], alarms: Double, found: Double) -> String {
    let runs = areas.enumerated().map { index, area in
      """
      {"variant": "\(index % 2 == 0 ? "dbvad" : "dbvad-no-dbm")", "areaUnderROC": \(area), "averagePrecision": 0.25,
       "learnedShare": 0.25, "alarms": {"threshold": 0.75,
         "falseAlarms": {"found": \(alarms), "count": 30, "lower": 0, "upper": 1},
         "events": {"found": \(found), "count": 30, "lower": 0, "upper": 1}}}
      """
    }
    return """
      {"frames": 1000, "positiveFrames": 130, "runs": [\(runs.joined(separator: ","))]}
      """
  }

  @Test("a row per figure, a column per finished shuffle, and their mean")
  func rows() throws {
    let folder = try TemporaryFolder()
    try write(
      evaluation([0.7, 0.6, 0.8], alarms: 3, found: 15), "shuffle1/detect.json", in: folder)
    try write(evaluation([0.5, 0.6], alarms: 6, found: 12), "shuffle3/detect.json", in: folder)
    try write(
      """
      {"lines": [{"strategy": "kess", "frames": 4, "figures": [{"metric": "eventRecall", "mean": 0.9}]}]}
      """, "shuffle1/selection.json", in: folder)
    try write("features\t20.5\t91\nfeatures\t19.5\t90\n", "shuffle1/times.tsv", in: folder)
    let text = try RealTable(folder.url).text
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "| | shuffle 1 | shuffle 3 | mean |")
    for row in [
      "| frames in fights (chance of AP) | 0.130 | 0.130 | 0.130 |",
      "| frame AUC, dbvad | 0.750 | 0.500 | 0.625 |",
      "| frame AUC, dbvad-no-dbm | 0.600 | 0.600 | 0.600 |",
      "| normal videos with an alarm, dbvad | 0.100 | 0.200 | 0.150 [0.081, 0.261] |",
      "| fights found, dbvad-no-dbm | 0.500 | 0.400 | 0.450 [0.331, 0.575] |",
      "| share of what was learned, dbvad | 0.250 | 0.250 | 0.250 |",
      "| recall, kess, 4 frames | 0.900 | - | 0.900 |",
      "| features, s | 19.5 | - | 19.5 |",
    ] {
      #expect(lines.contains(row), "\(row) in \(text)")
    }
  }

  @Test("a folder without a finished shuffle is refused")
  func nothing() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: DemoError.self) { try RealTable(folder.url) }
    #expect(error?.description.contains("make real CLIPS=DIR") == true)
  }
}
