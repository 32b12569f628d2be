import Foundation
import Records

/// What `workspace.json` holds: which data set the workspace is for.
public struct WorkspaceManifest: Codable, Sendable, Equatable {
  /// The layout of the folder that this version reads and writes.
  public static let currentFormat = 1

  /// The layout of the folder.
  public let format: Int
  /// The data set as `--dataset` named it.
  public let dataset: String
  /// The data set's folder as `--root` named it.
  public var root: String?
  /// When the workspace was made, ISO 8601, UTC.
  public let created: String

  /// A manifest of the current format, made now.
  public init(dataset: String, root: String?, created: Date = Date()) {
    format = Self.currentFormat
    self.dataset = dataset
    self.root = root
    self.created = created.ISO8601Format()
  }

  private struct FormatOnly: Decodable {
    let format: Int
  }

  /// Reads a manifest; the format is looked at before anything else.
  static func read(_ file: URL) throws -> WorkspaceManifest {
    do {
      let format = try JSONRecord.read(FormatOnly.self, from: file).format
      guard format == currentFormat else {
        throw WorkspaceError.otherFormat(path: file.path, found: format, expected: currentFormat)
      }
      return try JSONRecord.read(WorkspaceManifest.self, from: file)
    } catch RecordError.wrongFormat(_, let found, _) {
      throw WorkspaceError.damagedManifest(path: file.path, found: found)
    } catch let error as RecordError {
      throw WorkspaceError.cannotOpen(path: file.path, reason: error.description)
    }
  }
}
