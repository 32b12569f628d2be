import Encoders
import Records
import Tensors

/// How one text of any length becomes one vector.
public struct TextPooling: Sendable {
  /// The rule's name, part of every key and record: sentence chunks under the
  /// encoder's limit, unit vectors, mean weighted by tokens, unit length.
  public static let name = "sentences-v1"

  /// What a batch of texts became.
  public struct Result: Sendable {
    /// [n, dimension], rows of length 1.
    public var vectors: Tensor<Float>
    /// Tokens of each text before any cut.
    public var tokens: [Int]
    /// How many pieces each text was encoded in.
    public var chunks: [Int]
  }

  private let encoder: any TextEncoder
  private let chunker: SentenceChunker

  public init(encoder: any TextEncoder) {
    self.encoder = encoder
    chunker = SentenceChunker(encoder: encoder)
  }

  /// Encodes texts in batches of at most `batchSize` pieces.
  ///
  /// - Parameter texts: texts with the names that errors use.
  /// - Throws: `DescriptionFeatureError.emptyText`, `.notFinite`, and what the encoder throws.
  public func encode(_ texts: [(owner: String, text: String)], batchSize: Int = 64) throws -> Result
  {
    var pieces: [(text: String, tokens: Int)] = []
    var firstPiece: [Int] = []
    for (owner, text) in texts {
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw DescriptionFeatureError.emptyText(owner: owner)
      }
      firstPiece.append(pieces.count)
      pieces += try chunker.chunks(of: text)
    }
    firstPiece.append(pieces.count)

    let width = encoder.identity.dimension
    var encoded: [Float] = []
    encoded.reserveCapacity(pieces.count * width)
    for start in stride(from: 0, to: pieces.count, by: batchSize) {
      let batch = pieces[start..<min(start + batchSize, pieces.count)].map(\.text)
      encoded += try encoder.encodeTexts(batch).scalars
    }

    var vectors: [Float] = []
    vectors.reserveCapacity(texts.count * width)
    for (index, item) in texts.enumerated() {
      var sum = [Float](repeating: 0, count: width)
      for piece in firstPiece[index]..<firstPiece[index + 1] {
        let row = encoded[piece * width..<(piece + 1) * width]
        guard let unit = Self.unit(row) else {
          throw DescriptionFeatureError.notFinite(
            owner: item.owner, encoder: encoder.identity.description)
        }
        let weight = Float(pieces[piece].tokens)
        for column in 0..<width { sum[column] += weight * unit[column] }
      }
      guard let mean = Self.unit(sum[...]) else {
        throw DescriptionFeatureError.notFinite(
          owner: item.owner, encoder: encoder.identity.description)
      }
      vectors += mean
    }
    let ranges = zip(firstPiece, firstPiece.dropFirst())
    return Result(
      vectors: Tensor(shape: [texts.count, width], scalars: vectors),
      tokens: ranges.map { first, last in pieces[first..<last].reduce(0) { $0 + $1.tokens } },
      chunks: ranges.map { $1 - $0 })
  }

  /// The vector brought to length 1, or nil where it has none.
  private static func unit(_ row: ArraySlice<Float>) -> [Float]? {
    let norm = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm.isFinite, norm > 0 else { return nil }
    return row.map { Float(Double($0) / norm) }
  }
}
