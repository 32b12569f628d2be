import Foundation
import KeyEvents
import Records
import Workspaces

/// Checks that the frames behind the current descriptions are the frames in the selection
/// records.
public enum SelectionCheck {
  /// Reads each record and compares its frames with the frames of the request.
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
          described.videoID, error.description,
          expected: "the selection record of the frames that were sent")
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
          expected: "the frames of the request, \(asked.map(\.frameIndex))")
      }
      for picture in record.frames.compactMap(\.image) {
        let url = file.deletingLastPathComponent().appendingPathComponent(picture)
        if FileSize.bytes(at: url) ?? 0 == 0 {
          result.find(
            described.videoID, "the file \(url.path) is missing or empty",
            expected: "the picture of a chosen frame")
        }
      }
    }
    return result
  }
}
