import Foundation
import Records

/// The bytes of a file of descriptions, or of each file of a folder of them.
struct ImportSource: Sendable {
  /// The file or folder.
  let url: URL
  /// The JSON files of a folder by name; the file itself otherwise.
  let files: [(url: URL, data: Data)]
  /// SHA-256 of the bytes; of names and bytes for a folder.
  let hash: String

  /// The bytes of the first file.
  var data: Data { files.first?.data ?? Data() }
  var path: String { url.path }

  /// Reads a file of UTF-8 text, or the `.json` files of a folder.
  ///
  /// - Throws: `RecordError.cannotRead`; `.wrongFormat` for compressed files and for text of
  ///   another encoding.
  init(_ url: URL) throws {
    self.url = url
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw RecordError.cannotRead(path: url.path, reason: "no such file")
    }
    guard isFolder.boolValue else {
      let data = try Self.read(url)
      files = [(url, data)]
      hash = ContentHash.of(data)
      return
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    files = try names.sorted().filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.map {
      let file = url.appendingPathComponent($0)
      return (file, try Self.read(file))
    }
    guard !files.isEmpty else {
      throw RecordError.wrongFormat(
        path: url.path, found: "a folder without .json files", expected: "a file of descriptions")
    }
    var hash = ContentHash()
    for file in files {
      hash.update(file.url.lastPathComponent)
      hash.update(file.data)
    }
    self.hash = hash.finalize()
  }

  private static func read(_ url: URL) throws -> Data {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: error.localizedDescription)
    }
    func refuse(_ found: String, _ remedy: String) -> RecordError {
      .wrongFormat(path: url.path, found: found, expected: "UTF-8 text: \(remedy)")
    }
    let head = [UInt8](data.prefix(4))
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
      || data.prefix(4096).contains(0)
    {
      throw refuse("UTF-16 text or binary data", "iconv -f UTF-16 -t UTF-8 converts UTF-16")
    }
    if head.starts(with: [0x1F, 0x8B]) { throw refuse("a gzip archive", "gunzip it first") }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw refuse("a zip archive", "unpack it") }
    let text = data.withoutByteOrderMark
    guard text.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
      throw RecordError.wrongFormat(
        path: url.path, found: "an empty file", expected: "descriptions")
    }
    return text
  }

  /// The JSON value of a whole file.
  ///
  /// - Throws: `RecordError.wrongFormat`.
  func json(of data: Data, at url: URL, expected: String) throws -> StrictJSON {
    do {
      return try StrictJSON(parsing: data)
    } catch let failure as StrictJSON.Failure {
      throw RecordError.wrongFormat(
        path: url.path, found: "no complete JSON: \(failure.found)", expected: expected)
    }
  }

  /// The entries of a file that is a JSON object with one object per video.
  ///
  /// - Parameter read: reads an entry by its name, its object and its place.
  /// - Throws: `RecordError.wrongFormat` if the file is no object.
  func entries(
    expected: String,
    _ read: (String, StrictJSON, String) throws(ImportProblem) -> ImportedDescription
  ) throws -> ImportedFile {
    var result = ImportedFile()
    for (name, value) in try object(expected: expected) {
      let place = "entry '\(name)'"
      result.add { () throws(ImportProblem) in
        guard value.pairs != nil else {
          throw ImportProblem(place: place, found: value.kindInWords, expected: expected)
        }
        if let key = value.repeatedKey {
          throw ImportProblem(
            place: place, found: "the key '\(key)' twice", expected: "each key once")
        }
        return try read(name, value, place)
      }
    }
    return result
  }

  /// The pairs of a JSON object that a whole file is.
  ///
  /// - Throws: `RecordError.wrongFormat`.
  func object(expected: String) throws -> [(key: String, value: StrictJSON)] {
    let value = try json(of: data, at: url, expected: expected)
    guard let pairs = value.pairs else {
      throw RecordError.wrongFormat(
        path: url.path, found: value.kindInWords, expected: expected)
    }
    return pairs
  }
}
