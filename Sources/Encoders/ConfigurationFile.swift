import Foundation
import Records

/// Reads the JSON files of a model folder, whose keys are in snake case.
enum ConfigurationFile {
  /// - Throws: `RecordError.cannotRead`, `.wrongFormat`.
  static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not readable")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: data)
    } catch let error as DecodingError {
      throw RecordError.wrongFormat(
        path: url.path, found: JSONRecord.summary(of: error),
        expected: "a model's \(url.lastPathComponent)")
    }
  }
}
