import Foundation
import Records
import Tensors

/// The files of one video's features: `<id>.npy` for whole frames,
/// `<id>__0.npy` … for crops, or one `<id>.safetensors` with the tensors
/// `features` or `crop0` … .
public struct SnippetFeatureFile: Sendable {
  /// How features are stored.
  public enum Format: String, Codable, Sendable, CaseIterable {
    case npy, safetensors
  }

  private let folder: URL
  private let id: String
  private let provenance: SnippetFeatureProvenance

  init(folder: URL, id: String, provenance: SnippetFeatureProvenance) {
    self.folder = folder
    self.id = id
    self.provenance = provenance
  }

  /// The file of a crop.
  func url(crop: Int) -> URL {
    let name =
      provenance.fileFormat == .safetensors || provenance.crops == .whole ? id : "\(id)__\(crop)"
    return folder.appendingPathComponent("\(name).\(provenance.fileFormat.rawValue)")
  }

  private func tensorName(_ crop: Int) -> String {
    provenance.crops == .whole ? "features" : "crop\(crop)"
  }

  /// Writes the tensors [snippets, dimension] of crops, each file atomically.
  func write(_ tensors: [(crop: Int, rows: Tensor<Float>)]) throws {
    switch provenance.fileFormat {
    case .npy:
      for (crop, rows) in tensors {
        try Npy.write(rows, as: provenance.elementType, to: url(crop: crop))
      }
    case .safetensors:
      try Safetensors.write(
        tensors.map { (tensorName($0.crop), $0.rows) }, as: provenance.elementType,
        metadata: [
          "video": id, "provenance": provenance.key, "pooling": provenance.pooling,
          "crops": provenance.crops.rawValue,
        ], to: url(crop: 0))
    }
  }

  /// The rows of one crop, [snippets, dimension].
  func read(crop: Int) throws -> Tensor<Float> {
    switch provenance.fileFormat {
    case .npy: try Npy.read(url(crop: crop))
    case .safetensors: try SafetensorsFile(url: url(crop: crop)).tensor(tensorName(crop))
    }
  }

  /// The rows of one crop, read on demand; nil where they are not stored in row-major order.
  func storedRows(crop: Int) throws -> StoredRows? {
    switch provenance.fileFormat {
    case .npy: try StoredRows(npy: url(crop: crop))
    case .safetensors:
      try StoredRows(safetensors: url(crop: crop), tensor: tensorName(crop))
    }
  }

  /// Whether a crop's file exists, complete and of the given shape; only its header is read.
  func holds(crop: Int, shape: [Int]) -> Bool {
    switch provenance.fileFormat {
    case .npy:
      let layout = try? Npy.layout(of: url(crop: crop))
      return layout?.shape == shape
    case .safetensors:
      return (try? SafetensorsFile(url: url(crop: crop)))?.shape(of: tensorName(crop)) == shape
    }
  }
}
