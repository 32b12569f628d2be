import Foundation
import Records
import Tensors

/// The order of the axes of an array that holds all crops of a video, as the RTFM family
/// releases them: its UCF-Crime features are [snippets, 10, 2048], others [10, snippets, d].
public enum CropLayout: String, Codable, Sendable, CaseIterable {
  /// [snippets, crops, width].
  case snippetsFirst = "n-crop-d"
  /// [crops, snippets, width].
  case cropsFirst = "crop-n-d"

  /// The numbers of crops that are released: none, five, or ten.
  static let crops: Set<Int> = [1, 5, 10]

  var cropAxis: Int { self == .snippetsFirst ? 1 : 0 }

  /// The layout of all three-axis arrays of a run: that under which every file has the same
  /// number of crops. Only two files of different length can decide where a video has as many
  /// snippets as crops.
  ///
  /// - Parameter files: the files with three axes and their shapes; at least one.
  /// - Throws: `PipelineError.notReady` if both layouts fit or none does.
  static func decided(by files: [(url: URL, shape: [Int])]) throws -> CropLayout {
    func counts(_ layout: CropLayout) -> Set<Int> {
      Set(files.map { $0.shape[layout.cropAxis] })
    }
    let fitting = allCases.filter { counts($0).count == 1 && counts($0).isSubset(of: crops) }
    if let only = fitting.first, fitting.count == 1 { return only }
    guard let first = files.first else { preconditionFailure("no file to decide by") }
    guard fitting.isEmpty else {
      throw PipelineError.notReady(
        subject: first.url.path,
        finding: "shape \(first.shape), whose crops may be on the first or the second axis, and "
          + "no other file of the run decides it",
        remedy: "name the order with --layout n-crop-d or --layout crop-n-d")
    }
    let other = files.first { $0.shape != first.shape }
    throw PipelineError.notReady(
      subject: first.url.path,
      finding: "shape \(first.shape)"
        + (other.map { ", and \($0.url.lastPathComponent) has \($0.shape)" } ?? "")
        + ": no axis has 1, 5 or 10 crops in every file",
      remedy: "name the order with --layout, or correct the files")
  }

  /// The crops of an array with three axes, each [snippets, width].
  func split(_ array: Tensor<Float>) -> [Tensor<Float>] {
    let (crops, width) = (array.shape[cropAxis], array.shape[2])
    let snippets = array.shape[1 - cropAxis]
    let rows = array.reshaped([crops * snippets, width])
    return (0..<crops).map { crop in
      self == .cropsFirst
        ? rows[rows: crop * snippets..<(crop + 1) * snippets]
        : rows[rows: stride(from: crop, to: crops * snippets, by: crops)]
    }
  }
}
