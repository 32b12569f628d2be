import Foundation
import Records

/// LAVAD's captions and summaries (repository lucazanella/lavad on GitHub, CVPR 2024;
/// `ImageCaptioner` writes them): a folder of `<video>.json`, each an object of frame numbers
/// with the frame's text. The files do not give the frame rate, so the texts have an order and
/// no times.
struct LAVADDescriptions: DescriptionFileReader {
  private let expected = "LAVAD's form {\"0\": \"caption\", \"16\": \"caption\"}, a file per video"

  func read(_ file: ImportSource) throws -> ImportedFile {
    var result = ImportedFile()
    for part in file.files {
      let name = part.url.deletingPathExtension().lastPathComponent
      let value: StrictJSON
      do {
        value = try file.json(of: part.data, at: part.url, expected: expected)
      } catch RecordError.wrongFormat(_, let found, let expected) where file.files.count > 1 {
        result.problems.append(
          ImportProblem(place: "file \(name).json", found: found, expected: expected))
        continue
      }
      result.add { () throws(ImportProblem) in try entry(name, value) }
    }
    return result
  }

  private func entry(_ name: String, _ value: StrictJSON) throws(ImportProblem)
    -> ImportedDescription
  {
    let place = "file \(name).json"
    guard let pairs = value.pairs, !pairs.isEmpty else {
      throw ImportProblem(
        place: place, found: value.pairs == nil ? value.kindInWords : "no frame",
        expected: expected)
    }
    var frames: [(number: Int, text: String)] = []
    for (key, value) in pairs {
      guard let number = Int(key), number >= 0 else {
        throw ImportProblem(place: place, found: "the key '\(key)'", expected: "frame numbers")
      }
      frames.append(
        (number, try ImportValues.words(value, of: "text of frame \(key)", at: place)))
    }
    if let key = value.repeatedKey {
      throw ImportProblem(place: place, found: "frame \(key) twice", expected: "each frame once")
    }
    return ImportedDescription(
      name: name,
      sentences: frames.sorted { $0.number < $1.number }.map { TimedSentence($0.text) },
      place: place)
  }
}
