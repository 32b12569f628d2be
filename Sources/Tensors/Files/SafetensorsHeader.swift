import Records

/// The header of a safetensors file: a JSON object of objects, with the one exception
/// `__metadata__` (strings to strings).
///
/// Read part by part, because a general JSON reader keeps the last of two equal keys and
/// turns large integers into floating point; here both are findings.
struct SafetensorsHeader {
  /// One tensor as the header states it, before any check against the file.
  struct Entry {
    var name: String
    var elementType: String
    var shape: [Int]
    var offsets: [Int]
  }

  var entries: [Entry] = []
  var metadata: [String: String] = [:]

  /// - Throws: `StrictJSON.Failure` for anything that is not such a header.
  init(parsing bytes: UnsafeRawBufferPointer) throws {
    var names: Set<String> = []
    var reader = StrictJSON.Reader(bytes)
    try reader.object { reader, key in
      guard names.insert(key).inserted else {
        throw StrictJSON.Failure(found: "'\(key)' appears twice")
      }
      if key == "__metadata__" {
        try reader.object { reader, key in
          guard metadata.updateValue(try reader.string(), forKey: key) == nil else {
            throw StrictJSON.Failure(found: "metadata '\(key)' appears twice")
          }
        }
      } else {
        entries.append(try Self.entry(name: key, &reader))
      }
    }
    try reader.expectEnd()
  }

  private static func entry(name: String, _ reader: inout StrictJSON.Reader) throws -> Entry {
    var elementType: String?
    var shape: [Int]?
    var offsets: [Int]?
    try reader.object { reader, key in
      switch key {
      case "dtype" where elementType == nil: elementType = try reader.string()
      case "shape" where shape == nil: shape = try integers(of: name, &reader)
      case "data_offsets" where offsets == nil: offsets = try integers(of: name, &reader)
      case "dtype", "shape", "data_offsets":
        throw StrictJSON.Failure(found: "tensor '\(name)' has '\(key)' twice")
      default:
        throw StrictJSON.Failure(found: "tensor '\(name)' has an unknown key '\(key)'")
      }
    }
    guard let elementType, let shape, let offsets else {
      let missing =
        elementType == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw StrictJSON.Failure(found: "tensor '\(name)' has no '\(missing)'")
    }
    return Entry(name: name, elementType: elementType, shape: shape, offsets: offsets)
  }

  private static func integers(of name: String, _ reader: inout StrictJSON.Reader) throws -> [Int] {
    var list: [Int] = []
    try reader.array { reader in
      let text = try reader.number()
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw StrictJSON.Failure(
          found: "tensor '\(name)' has the number \(text), not a whole positive one")
      }
      guard let value = Int(text) else {
        throw StrictJSON.Failure(found: "tensor '\(name)' has a number past 2^63")
      }
      list.append(value)
    }
    return list
  }
}
