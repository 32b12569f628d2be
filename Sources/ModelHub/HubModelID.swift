/// A model's name on the hub, with the revision that is meant.
public struct HubModelID: Sendable, Equatable, CustomStringConvertible {
  /// `org/name`, or a bare `name`.
  public let name: String
  /// A branch, a tag or a commit.
  public let revision: String

  /// Reads `org/name` or `org/name@revision`; the revision is `main` where none is named.
  ///
  /// - Throws: `HubError.badID` for what cannot be part of a path or an address.
  public init(_ text: String) throws {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    let revision = parts.count == 2 ? parts[1] : "main"
    func isPlain(_ part: Substring) -> Bool {
      // "--" stands for "/" in the cache's folder names.
      !part.isEmpty && !part.hasPrefix(".") && !part.contains("--") && !part.contains("..")
        && part.utf8.allSatisfy {
          UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-_.".utf8.contains($0)
        }
    }
    guard (1...2).contains(names.count), names.allSatisfy(isPlain),
      revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPlain)
    else { throw HubError.badID(text: text) }
    name = String(parts[0])
    self.revision = String(revision)
  }

  public var description: String { revision == "main" ? name : "\(name)@\(revision)" }
}
