import Foundation
import Records

/// The Hugging Face cache on this machine, in the layout that its Python tools
/// read and write:
///
/// ```
/// models--<org>--<name>/blobs/<hash>                 the bytes, once
/// models--<org>--<name>/snapshots/<commit>/<path>    relative links to blobs
/// models--<org>--<name>/refs/<revision>              the commit a revision means
/// ```
package struct HubCache: Sendable, Equatable {
  /// The folder that holds `models--...` folders.
  package let root: URL

  package init(root: URL) { self.root = root }

  /// Where huggingface_hub looks: `HF_HUB_CACHE`, `HF_HOME/hub`,
  /// `XDG_CACHE_HOME/huggingface/hub`, `~/.cache/huggingface/hub`; the first that is set.
  package static func find(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> HubCache {
    if let named = folder(environment["HF_HUB_CACHE"]) { return HubCache(root: named) }
    return HubCache(root: home(environment).appendingPathComponent("hub"))
  }

  /// The folder in which Hugging Face's tools store everything.
  static func home(_ environment: [String: String]) -> URL {
    if let home = folder(environment["HF_HOME"]) { return home }
    if let cache = folder(environment["XDG_CACHE_HOME"]) {
      return cache.appendingPathComponent("huggingface")
    }
    let user = folder(environment["HOME"]) ?? FileManager.default.homeDirectoryForCurrentUser
    return user.appendingPathComponent(".cache/huggingface")
  }

  private static func folder(_ path: String?) -> URL? {
    guard let path, !path.isEmpty else { return nil }
    return URL(fileURLWithPath: (path as NSString).expandingTildeInPath).standardizedFileURL
  }

  /// The folder of a model.
  package func folder(of model: String) -> URL {
    root.appendingPathComponent("models--" + model.replacingOccurrences(of: "/", with: "--"))
  }

  func blob(_ hash: HubHash, of model: String) -> URL {
    folder(of: model).appendingPathComponent("blobs").appendingPathComponent(hash.digits)
  }

  /// The folder of a commit's files, whether or not it exists.
  package func snapshot(of model: String, commit: String) -> URL {
    folder(of: model).appendingPathComponent("snapshots").appendingPathComponent(commit)
  }

  /// The snapshot that a revision names; nil where the cache has none.
  package func snapshot(of id: HubModelID) -> URL? {
    let reference = folder(of: id.name).appendingPathComponent("refs")
      .appendingPathComponent(id.revision)
    let named = (try? String(contentsOf: reference, encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let commit = named ?? id.revision
    guard !commit.isEmpty, !commit.contains("/"), !commit.hasPrefix(".") else { return nil }
    let folder = snapshot(of: id.name, commit: commit)
    return Folder.exists(at: folder) ? folder : nil
  }

  /// Puts a blob into a snapshot under the file's path, as a relative link.
  func link(_ file: HubFile, of model: String, commit: String) throws {
    let link = snapshot(of: model, commit: commit).appendingPathComponent(file.path)
    let depth = file.path.split(separator: "/").count + 1
    let target = String(repeating: "../", count: depth) + "blobs/\(file.hash.digits)"
    do {
      try FileManager.default.createDirectory(
        at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw HubError.cannotWrite(path: link.path, reason: error.localizedDescription)
    }
    let temporary = link.path + ".\(UInt32.random(in: 0...UInt32.max)).link"
    guard symlink(target, temporary) == 0, rename(temporary, link.path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw HubError.cannotWrite(path: link.path, reason: reason)
    }
  }

  /// Records which commit a revision means.
  func setReference(_ id: HubModelID, commit: String) throws {
    guard id.revision != commit else { return }
    // No newline: other tools compare the whole content.
    try AtomicFile.write(
      Data(commit.utf8),
      to: folder(of: id.name).appendingPathComponent("refs").appendingPathComponent(id.revision))
  }

  /// A model at one commit.
  package struct Snapshot: Sendable, Equatable {
    package let model: String
    package let commit: String
    /// The revisions that mean this commit.
    package let revisions: [String]
    package let directory: URL
  }

  /// Every snapshot of every model, in order of name and commit.
  package func snapshots() -> [Snapshot] {
    Self.names(in: root).filter { $0.hasPrefix("models--") }.flatMap { name in
      let model = name.dropFirst("models--".count).replacingOccurrences(of: "--", with: "/")
      let references = references(of: model)
      let folder = root.appendingPathComponent(name).appendingPathComponent("snapshots")
      return Self.names(in: folder).filter { Folder.exists(at: folder.appendingPathComponent($0)) }
        .map {
          Snapshot(
            model: model, commit: $0, revisions: references[$0] ?? [],
            directory: folder.appendingPathComponent($0))
        }
    }
  }

  private func references(of model: String) -> [String: [String]] {
    let folder = folder(of: model).appendingPathComponent("refs")
    var references: [String: [String]] = [:]
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    for name in (names ?? []).sorted() {
      guard
        let commit = try? String(
          contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      else { continue }
      references[commit.trimmingCharacters(in: .whitespacesAndNewlines), default: []].append(name)
    }
    return references
  }

  private static func names(in folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { !$0.hasPrefix(".") }.sorted()
  }
}

/// Compares a model folder's files with the hashes that were recorded when they
/// were fetched: the name of the blob that a file links to, or the metadata that
/// `hf download --local-dir` leaves beside a plain folder.
package struct HubVerification: Sendable {
  /// The result for one file.
  package enum Outcome: Sendable, Equatable {
    case matches
    case differs(found: String, recorded: String)
    case unreadable(reason: String)
    /// No hash was recorded.
    case unrecorded
  }

  package struct Entry: Sendable, Equatable {
    package let path: String
    package let outcome: Outcome
  }

  /// The folder's files in order of their paths.
  package let entries: [Entry]

  /// Reads every file of the folder; hidden ones are left out.
  package init(of directory: URL) {
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
      return .unreadable(reason: "it cannot be read, or its blob is missing")
    }
  }

  private static func recordedHash(of path: String, in directory: URL) -> HubHash? {
    let url = directory.appendingPathComponent(path)
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) {
      return HubHash(digits: (target as NSString).lastPathComponent)
    }
    let metadata = directory.appendingPathComponent(
      ".cache/huggingface/download/\(path).metadata")
    // Commit, entity tag and time, on one line each.
    let lines = (try? String(contentsOf: metadata, encoding: .utf8))?.split(separator: "\n")
    guard let lines, lines.count >= 2 else { return nil }
    return HubHash(digits: String(lines[1]))
  }
}
