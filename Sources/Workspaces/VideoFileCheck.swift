import Foundation

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
