import Foundation
import Records

/// Checks that every line of `descriptions.jsonl` is in the ledger.
///
/// The export is a view that a run writes at its end. After a killed run it may lack newer
/// descriptions, or differ in values that change while a description stays; both are notes.
/// A line that is missing in the ledger, or differs in other values, is a finding.
public enum ExportCheck {
  /// The values that lines of every format have.
  private struct Head: Decodable {
    let format: Int
    let video: String
    let requestKey: String
  }

  /// Compares a file with the ledger, line by line.
  public static func run(_ ledger: Ledger, file: URL) throws -> CheckResult {
    var result = CheckResult(name: "export")
    guard FileManager.default.fileExists(atPath: file.path) else {
      result.notes.append("\(file.lastPathComponent) is missing: 'describe export' writes it")
      return result
    }
    // Reads the file before the ledger, so that rows that a run adds meanwhile are no finding.
    let lines = try Data(contentsOf: file).split(separator: 0x0A)
    var present: [String: DescriptionExport.Line] = [:]
    try DescriptionExport.forEachLine(of: ledger) { present[$0.video] = $0 }
    let answers = try Set(ledger.answerKeys())
    var seen: Set<String> = []
    var earlier = 0
    let decoder = JSONDecoder()
    for (index, bytes) in lines.enumerated() {
      result.examined += 1
      let place = "\(file.lastPathComponent):\(index + 1)"
      guard let line = try? decoder.decode(Head.self, from: bytes) else {
        result.find(place, "a damaged line", expected: "a description as JSON")
        continue
      }
      if !seen.insert(line.video).inserted {
        result.find(place, "'\(line.video)' for the second time", expected: "one line per video")
      }
      let own = present[line.video]
      let whole = try? decoder.decode(DescriptionExport.Line.self, from: bytes)
      if let whole, whole == own { continue }
      let isOnlyJudgedAnew = whole != nil && whole?.unjudged == own?.unjudged
      let isOfEarlier =
        line.requestKey != own?.requestKey
        || line.format != DescriptionExport.Line.currentFormat
      if isOnlyJudgedAnew
        || isOfEarlier
          && answers.contains(Ledger.AnswerKey(videoID: line.video, requestKey: line.requestKey))
      {
        earlier += 1
      } else {
        result.find(
          place, "a description of '\(line.video)' that is not in the ledger",
          expected: "the ledger's description; 'describe export' rewrites the file")
      }
    }
    let lacking = present.keys.count { !seen.contains($0) }
    if lacking + earlier > 0 {
      result.notes.append(
        "behind the ledger by \(lacking + earlier) descriptions: 'describe export' rewrites it")
    }
    return result
  }
}

extension DescriptionExport.Line {
  /// The line without the values that change while the description stays: the findings, which
  /// depend on all descriptions, and the split, which the data set's lists give.
  fileprivate var unjudged: Self {
    var line = self
    line.findings = []
    line.split = nil
    return line
  }
}

/// Checks that the videos are still the described files.
public enum VideoFileCheck {
  /// Hashes each described video again and compares the hash with the ledger's.
  ///
  /// - Parameter isQuick: whether to skip files with the same size and modification time.
  public static func run(_ ledger: Ledger, isQuick: Bool) throws -> CheckResult {
    var result = CheckResult(name: "videos")
    // Pieces of one file are one file.
    var seen: Set<String> = []
    var without = 0
    for video in try ledger.videos() where video.descriptionKey != nil {
      let known = video.measuredFingerprint
      guard known != .unmeasured else {
        without += 1
        continue
      }
      guard seen.insert("\(video.path)\n\(known.hash)").inserted else { continue }
      result.examined += 1
      do {
        let found = try VideoFingerprint.measure(path: video.path, known: isQuick ? known : nil)
        guard found.hash != known.hash else { continue }
        result.find(
          video.path, "\(found.sizeBytes) bytes with another hash than the described file",
          expected: "\(known.sizeBytes) bytes with hash \(known.hash.prefix(12)); describe it again"
        )
      } catch let error as RecordError {
        result.find(
          video.id, error.description, expected: "the described file; correct --root")
      }
    }
    if without > 0 {
      result.notes.append("\(without) imported descriptions are of videos without a file here")
    }
    return result
  }
}
