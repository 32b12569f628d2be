import Foundation
import KeyEvents
import Records
import Workspaces

/// Checks that the frames behind the present descriptions are those of the
/// selection records.
public enum SelectionCheck {
  /// Reads each record and compares its frames with those that were asked about.
  public static func run(_ ledger: Ledger, workspace: Workspace) throws -> CheckResult {
    var result = CheckResult(name: "selections")
    for described in try ledger.describedFrames() {
      guard let path = described.recordPath else { continue }
      result.examined += 1
      let file = workspace.url(ofRelativePath: path)
      let record: SelectionRecord
      do {
        record = try SelectionRecord.read(from: file)
      } catch let error as any ReportableError {
        result.find(
          described.videoID, error.description, expected: "the record of the frames that were shown"
        )
        continue
      }
      let asked = try JSONDecoder().decode(
        [RequestedFrame].self, from: Data(described.frames.utf8))
      let agrees =
        asked.map { Optional($0.frameIndex) } == record.frames.map(\.frameIndex)
        && zip(asked, record.frames).allSatisfy {
          abs($0.timestampSeconds - $1.timestampSeconds) < 1e-3
        }
      if !agrees {
        result.find(
          described.videoID,
          "frames \(record.frames.map { $0.frameIndex.map(String.init) ?? "?" }) in \(path)",
          expected: "the frames that were asked about, \(asked.map(\.frameIndex))")
      }
      for picture in record.frames.compactMap(\.image) {
        let url = file.deletingLastPathComponent().appendingPathComponent(picture)
        if FileSize.bytes(at: url) ?? 0 == 0 {
          result.find(described.videoID, "no picture at \(url.path)", expected: "a picture")
        }
      }
    }
    return result
  }
}
