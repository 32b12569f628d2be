import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Records
import SelectionReports

extension PictureFormat.Kind: ExpressibleByArgument {}

/// The form in which a selection is written.
struct SelectionOutputOptions: ParsableArguments {
  @Option(help: "The frames' file format.")
  var imageFormat: PictureFormat.Kind = .jpeg

  @Option(
    help: ArgumentHelp(
      "The greatest length of the frames' longer side; frames are never enlarged. (default: the video's size)",
      valueName: "pixels"))
  var imageSize: Int?

  @Option(help: ArgumentHelp("JPEG quality, 1 to 100.", valueName: "q"))
  var imageQuality: Int = 90

  @Option(
    help: ArgumentHelp(
      "Append every record to this file too, one per line; videos that it contains with equal "
        + "settings are skipped.", valueName: "file"))
  var jsonl: String?

  func validate() throws {
    if let imageSize, imageSize < 1 {
      throw ValidationError("--image-size must be at least 1, found \(imageSize)")
    }
    guard (1...100).contains(imageQuality) else {
      throw ValidationError("--image-quality must be from 1 to 100, found \(imageQuality)")
    }
  }

  var pictures: PictureFormat {
    PictureFormat(kind: imageFormat, longestSide: imageSize, quality: imageQuality)
  }

  /// The journal that `--jsonl` names.
  func journal() throws -> SelectionJournal? {
    try jsonl.map { try SelectionJournal(url: URL(fileURLWithPath: $0)) }
  }
}
