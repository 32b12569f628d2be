import Foundation

/// Checks that `descriptions.jsonl` holds nothing but what the ledger holds.
///
/// The export is a view that the end of a run writes. After a run that was killed
/// it may lack what came since, or say otherwise what is judged anew while a description
/// stays, which is a note; a line that the ledger does not have, or has otherwise, is a
/// finding.
public enum ExportCheck {
  /// What lines of every version have.
  private struct Head: Decodable {
    let format: Int
    let video: String
    let requestKey: String
  }

  /// Compares a file with the ledger, line by line.
  public static func run(_ ledger: Ledger, file: URL) throws -> CheckResult {
    var result = CheckResult(name: "export")
    guard FileManager.default.fileExists(atPath: file.path) else {
      result.notes.append("\(file.lastPathComponent) is not there: 'describe export' writes it")
      return result
    }
    // The file before the ledger: what a run adds meanwhile is then no finding.
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
        result.find(place, "'\(line.video)' for the second time", expected: "one line a video")
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
          place, "a description of '\(line.video)' that the ledger does not have",
          expected: "what the ledger holds; 'describe export' writes it anew")
      }
    }
    let lacking = present.keys.count { !seen.contains($0) }
    if lacking + earlier > 0 {
      result.notes.append(
        "behind the ledger by \(lacking + earlier) descriptions: 'describe export' writes it anew")
    }
    return result
  }
}

extension DescriptionExport.Line {
  /// The line without what changes while the description stays: its findings, which are
  /// judged by all descriptions, and the split, which the data set's lists say.
  fileprivate var unjudged: Self {
    var line = self
    line.findings = []
    line.split = nil
    return line
  }
}

/// Checks that the videos are the files that were described.
public enum VideoFileCheck {
  /// Hashes each video that has a description anew and compares.
  ///
  /// - Parameter isQuick: whether a file whose size and time of change agree is
  ///   believed to be the same.
  public static func run(_ ledger: Ledger, isQuick: Bool) throws -> CheckResult {
    var result = CheckResult(name: "videos")
    // Pieces of one file are one file.
    var seen: Set<String> = []
    for video in try ledger.videos() where video.descriptionKey != nil {
      let known = video.measuredFingerprint
      guard seen.insert("\(video.path)\n\(known.hash)").inserted else { continue }
      result.examined += 1
      do {
        let found = try VideoFingerprint.measure(path: video.path, known: isQuick ? known : nil)
        guard found.hash != known.hash else { continue }
        result.find(
          video.path, "\(found.sizeBytes) bytes with another hash than when it was described",
          expected: "\(known.sizeBytes) bytes with hash \(known.hash.prefix(12)); describe it again"
        )
      } catch let error as WorkspaceError {
        result.find(
          video.id, error.description, expected: "the file that was described; mend --root")
      }
    }
    return result
  }
}
