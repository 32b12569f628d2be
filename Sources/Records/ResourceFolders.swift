import Foundation

/// Finds `Prompts/` and `Datasets/`: in a folder that the user names, in the source tree
/// of the build, or in `share/kess` beside an installed binary.
public struct ResourceFolders: Sendable {
  /// The folder that holds `Prompts` and `Datasets`.
  public let root: URL

  public var prompts: URL { root.appendingPathComponent("Prompts") }
  public var datasets: URL { root.appendingPathComponent("Datasets") }

  /// Finds the folder: `override`, else `KESS_RESOURCES`, else `../share/kess`
  /// from the executable, else the nearest parent of the executable that holds
  /// both folders, else the nearest such parent of the working directory.
  ///
  /// - Throws: `RecordError.resourceMissing` with the places that were searched.
  public static func find(
    override: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    executable: URL? = Self.executable
  ) throws -> ResourceFolders {
    if let named = override ?? environment["KESS_RESOURCES"] {
      let root = URL(fileURLWithPath: named)
      guard holdsResources(root) else {
        throw RecordError.resourceMissing(name: "Prompts and Datasets", searched: [root.path])
      }
      return ResourceFolders(root: root)
    }
    var searched: [URL] = []
    if let executable {
      let folder = executable.deletingLastPathComponent()
      searched.append(
        folder.deletingLastPathComponent().appendingPathComponent("share/kess"))
      searched += parents(of: folder)
    }
    searched += parents(of: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
    guard let root = searched.first(where: holdsResources) else {
      throw RecordError.resourceMissing(
        name: "Prompts and Datasets", searched: searched.prefix(3).map(\.path))
    }
    return ResourceFolders(root: root)
  }

  /// The running program's own file.
  public static var executable: URL? {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(fileURLWithPath: $0)
    }
  }

  private static func holdsResources(_ folder: URL) -> Bool {
    ["Prompts", "Datasets"].allSatisfy { Folder.exists(at: folder.appendingPathComponent($0)) }
  }

  private static func parents(of folder: URL) -> [URL] {
    var list: [URL] = []
    var current = folder.standardizedFileURL
    while current.path != "/" {
      list.append(current)
      current = current.deletingLastPathComponent()
    }
    return list
  }
}
