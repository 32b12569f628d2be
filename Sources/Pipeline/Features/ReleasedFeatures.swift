import Foundation
import Records
import Tensors

/// What is known of how released features were made.
enum ReleasedFeatures {
  /// The width of VadCLIP's features.
  static let vadclipWidth = 512
  /// How 16 frames became one row.
  static let pooling = "unpublished"

  /// The encoder of a data set's released features.
  static func encoder(dataset: String, width: Int, isVadCLIP: Bool) -> EncoderIdentity {
    EncoderIdentity(
      kind: isVadCLIP ? "clip" : "imported",
      model: isVadCLIP ? "vadclip-released-\(dataset)" : "released-\(dataset)", dimension: width)
  }
}

/// The released files of one video: one per crop, or one with all crops.
struct ReleasedVideo {
  var name: String
  var split: String
  /// As written in the list; nil if the name gives it.
  var label: String?
  /// By crop; empty for a file with all crops.
  var files: [Int: URL] = [:]
  /// The file with all crops.
  var whole: URL?
  var listedCrops: [Int] = []

  var urls: [URL] { whole.map { [$0] } ?? files.sorted { $0.key < $1.key }.map(\.value) }
}

/// The shapes of a run's files, from their headers.
struct ReleasedShapes {
  /// The width that all files share.
  let width: Int
  /// The axes of files with all crops; nil if there is none with three.
  let layout: CropLayout?
  /// The most crops of a video.
  let crops: Int

  /// Reads the headers of all files. Files that are no arrays of two or three axes are left to
  /// the check of each video.
  ///
  /// - Parameter layout: the axes that the user names; nil to decide by the files.
  /// - Throws: `PipelineError.notReady` for files of different width, and for axes that the
  ///   files do not decide.
  init(_ videos: [ReleasedVideo], layout wanted: CropLayout?) throws {
    var widths: [Int: [URL]] = [:]
    var arrays: [(url: URL, shape: [Int])] = []
    var crops = 1
    for video in videos {
      crops = max(crops, (video.files.keys.max() ?? 0) + 1)
      for url in video.urls {
        guard let shape = try? Npy.layout(of: url).shape, (2...3).contains(shape.count),
          !shape.contains(0)
        else { continue }
        widths[shape[shape.count - 1], default: []].append(url)
        if shape.count == 3, video.whole != nil { arrays.append((url, shape)) }
      }
    }
    let common = widths.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    if let common, let other = widths.first(where: { $0.key != common.key }),
      let first = common.value.first, let second = other.value.first
    {
      throw PipelineError.notReady(
        subject: second.path,
        finding: "features of width \(other.key), and \(common.key) in \(first.lastPathComponent) "
          + "and \(common.value.count - 1) other files",
        remedy: "import one width at a time, each with its own lists")
    }
    width = common?.key ?? 0
    layout = arrays.isEmpty ? nil : try wanted ?? CropLayout.decided(by: arrays)
    for array in arrays {
      if let layout { crops = max(crops, array.shape[layout.cropAxis]) }
    }
    self.crops = crops
  }

  /// The crops of a file with all of them, each [snippets, width].
  ///
  /// - Throws: `RecordError.wrongFormat` for other shapes, and what `Npy.read` throws.
  func crops(of url: URL) throws -> [Tensor<Float>] {
    let array = try Npy.read(url)
    if array.shape.count == 2 { return [array] }
    guard let layout, array.shape.count == 3 else {
      throw RecordError.wrongFormat(
        path: url.path, found: "shape \(array.shape)",
        expected: "[snippets, \(width)], or three axes with the crops")
    }
    return layout.split(array)
  }
}
