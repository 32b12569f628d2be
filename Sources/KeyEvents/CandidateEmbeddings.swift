import Foundation
import Tensors

/// Candidates' embeddings as a .npy array [N, width]; a row of NaN is a candidate
/// that has none.
public enum CandidateEmbeddings {
  /// - Throws: `TensorError` for a file that is no array, `KeyEventError.badScores`
  ///   for another shape than [`count`, width].
  static func read(_ file: URL, count: Int) throws -> [[Float]?] {
    let array = try Npy.read(file)
    guard array.rank == 2, array.extent(0) == count, array.extent(1) > 0 else {
      throw KeyEventError.badScores(
        path: file.path, found: "embeddings of shape \(array.shape)",
        expected: "[\(count), width], a row for each timestamp")
    }
    let width = array.extent(1)
    return (0..<count).map { place in
      let row = Array(array.scalars[(place * width)..<((place + 1) * width)])
      // A row that is no direction is no embedding.
      return row.allSatisfy(\.isFinite) && row.contains { $0 != 0 } ? row : nil
    }
  }

  /// - Throws: `KeyEventError.noEmbeddings` where no candidate has one,
  ///   `RecordError.cannotWrite`.
  public static func write(_ embeddings: [[Float]?], to file: URL) throws {
    guard let width = embeddings.lazy.compactMap({ $0?.count }).first else {
      throw KeyEventError.noEmbeddings(path: file.path)
    }
    let missing = [Float](repeating: .nan, count: width)
    try Npy.write(
      Tensor(shape: [embeddings.count, width], scalars: embeddings.flatMap { $0 ?? missing }),
      to: file)
  }
}
