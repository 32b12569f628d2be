import Foundation

/// Reads and writes the typed records that stages hand to each other: JSON with
/// sorted keys, two-space indentation and unescaped slashes, so that equal records have
/// equal bytes.
package enum JSONRecord {
  /// The record's bytes, ending in a newline when `pretty`.
  package static func encode(_ value: some Encodable, pretty: Bool = true) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    var data = try encoder.encode(value)
    if pretty { data.append(0x0A) }
    return data
  }

  /// Writes a record atomically.
  package static func write(_ value: some Encodable, to url: URL) throws {
    try AtomicFile.write(encode(value), to: url)
  }

  /// Reads a record.
  ///
  /// - Throws: `RecordError.cannotRead` where there is no such file,
  ///   `RecordError.wrongFormat` where the content is no such record.
  package static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not readable")
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as DecodingError {
      throw RecordError.wrongFormat(
        path: url.path, found: summary(of: error), expected: "a \(type) as JSON")
    }
  }

  /// A decoding error in one phrase: the key and its fault.
  package static func summary(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      guard !context.codingPath.isEmpty else { return "the whole" }
      let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return "'\(keys.joined(separator: "."))'"
    }
    func name(_ type: Any.Type) -> String {
      let name = "\(type)"
      if name.hasPrefix("Dictionary") { return "an object" }
      if name.hasPrefix("Array") { return "an array" }
      if name == "String" { return "a text" }
      if name == "Bool" { return "true or false" }
      return ["Int", "UInt", "Double", "Float"].contains { name.hasPrefix($0) }
        ? "a number" : "a \(name)"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "no key '\(key.stringValue)' in \(path(context))"
    case .typeMismatch(let type, let context):
      return "\(path(context)) that is not \(name(type))"
    case .valueNotFound(let type, let context):
      return "null at \(path(context)) in place of \(name(type))"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "damaged content (\(context.debugDescription))"
        : "a bad value at \(path(context)) (\(context.debugDescription))"
    @unknown default:
      return String(describing: error)
    }
  }
}
