import Foundation
import HTTP

/// A server's answer to a request for embeddings.
struct EmbeddingAnswer {
  private struct Body: Decodable {
    struct Row: Decodable {
      let index: Int?
      let embedding: [Float]
    }
    let data: [Row]
  }

  private let rows: [Body.Row]

  /// Nil for what is no such answer at all.
  init?(_ body: Data) {
    let decoder = JSONDecoder()
    // A row with NaN in it is read, so that the error can say so.
    decoder.allowsJSON5 = true
    guard let body = try? decoder.decode(Body.self, from: body) else { return nil }
    rows = body.data
  }

  /// The rows, in the order of what was asked.
  ///
  /// - Parameters:
  ///   - count: how many were asked for.
  ///   - dimension: their width; nil while it is not known.
  /// - Throws: `ServerFailure.unusableAnswer`.
  func checked(count: Int, dimension: Int?) throws -> [[Float]] {
    func unusable(_ reason: String) -> ServerFailure { .unusableAnswer(reason: reason) }
    guard rows.count == count else {
      throw unusable("\(rows.count) embeddings for \(count) inputs")
    }
    let width = dimension ?? rows.first?.embedding.count ?? 0
    for (place, row) in rows.enumerated() {
      guard row.index ?? place == place else {
        throw unusable("embedding \(place) has the index \(row.index ?? -1): another order")
      }
      guard row.embedding.count == width, width > 0 else {
        throw unusable("an embedding of \(row.embedding.count) numbers, expected \(width)")
      }
      guard row.embedding.allSatisfy(\.isFinite) else {
        throw unusable("embedding \(place) holds NaN or infinity")
      }
    }
    return rows.map(\.embedding)
  }
}
