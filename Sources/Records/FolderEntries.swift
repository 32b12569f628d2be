import Foundation

/// The names in a folder, with those that are not UTF-8.
///
/// Swift's strings and Foundation's listings cannot hold such names, so that their files
/// cannot be opened by path. This listing finds them, so that they can be reported.
public struct FolderEntries: Sendable {
  /// The names that are UTF-8, in no order, without `.` and `..`.
  public private(set) var names: [String] = []
  /// The other names, with `\xe9` for each byte that does not belong to a character.
  public private(set) var undecodable: [String] = []

  /// Lists a folder.
  ///
  /// - Returns: nil if it cannot be read.
  public init?(of folder: String) {
    guard let entries = Self.rawNames(in: folder) else { return nil }
    for bytes in entries {
      if let name = String(validating: bytes, as: UTF8.self) {
        if name != ".", name != ".." { names.append(name) }
      } else {
        undecodable.append(Self.escaped(bytes))
      }
    }
    undecodable.sort()
  }

  /// The escaped form of the file's real name if a path holds replacement characters because
  /// the name is not UTF-8; nil for any other path.
  public static func undecodableName(at path: String) -> String? {
    var folder = path.hasPrefix("/") ? "/" : "."
    for component in path.split(separator: "/").map(String.init) {
      guard component.contains("\u{FFFD}") else {
        folder += "/" + component
        continue
      }
      return rawNames(in: folder)?.first {
        String(validating: $0, as: UTF8.self) == nil
          && String(decoding: $0, as: UTF8.self) == component
      }.map(escaped)
    }
    return nil
  }

  /// The names in a folder as bytes; nil if it cannot be read.
  private static func rawNames(in folder: String) -> [[UInt8]]? {
    guard let handle = opendir(folder) else { return nil }
    defer { closedir(handle) }
    var names: [[UInt8]] = []
    while let entry = readdir(handle) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
    }
    return names
  }

  /// A name with the bytes that are not UTF-8 as `\xe9`.
  static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      let length = (1...4).first {
        $0 <= rest.count && String(validating: rest.prefix($0), as: UTF8.self) != nil
      }
      if let length {
        text += String(decoding: rest.prefix(length), as: UTF8.self)
        rest = rest.dropFirst(length)
      } else if let byte = rest.popFirst() {
        text += "\\x" + String(byte, radix: 16)
      }
    }
    return text
  }
}
