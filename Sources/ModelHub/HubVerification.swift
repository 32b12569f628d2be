import Foundation
import Records

/// Compares a model folder's files with the hashes that were recorded when they
/// were fetched: the name of the blob that a file links to, or the metadata that
/// `hf download --local-dir` leaves beside a plain folder.
public struct HubVerification: Sendable {
  /// What became of one file.
  public enum Outcome: Sendable, Equatable {
    case matches
    case differs(found: String, recorded: String)
    case unreadable(reason: String)
    /// Nobody recorded a hash.
    case unrecorded
  }

  public struct Entry: Sendable, Equatable {
    public let path: String
    public let outcome: Outcome
  }

  /// The folder's files in order of their paths.
  public let entries: [Entry]

  /// Reads every file of the folder; hidden ones are left out.
  public init(of directory: URL) {
    let paths = FileManager.default.enumerator(atPath: directory.path)?
      .compactMap { $0 as? String }.sorted()
    entries = (paths ?? []).compactMap { path in
      let url = directory.appendingPathComponent(path)
      guard !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
        !Folder.exists(at: url)
      else { return nil }
      return Entry(path: path, outcome: Self.outcome(of: path, in: directory))
    }
  }

  private static func outcome(of path: String, in directory: URL) -> Outcome {
    let url = directory.appendingPathComponent(path)
    guard let recorded = recordedHash(of: path, in: directory) else { return .unrecorded }
    do {
      let found = try recorded.ofFile(at: url)
      return found == recorded.digits ? .matches : .differs(found: found, recorded: recorded.digits)
    } catch {
      return .unreadable(reason: "it cannot be read, or its blob is gone")
    }
  }

  private static func recordedHash(of path: String, in directory: URL) -> HubHash? {
    let url = directory.appendingPathComponent(path)
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) {
      return HubHash(digits: (target as NSString).lastPathComponent)
    }
    let metadata = directory.appendingPathComponent(
      ".cache/huggingface/download/\(path).metadata")
    // Commit, entity tag, time; a line each.
    let lines = (try? String(contentsOf: metadata, encoding: .utf8))?.split(separator: "\n")
    guard let lines, lines.count >= 2 else { return nil }
    return HubHash(digits: String(lines[1]))
  }
}
