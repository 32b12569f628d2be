import Encoders
import Records
import Tensors

/// Makes one vector per text of any length. The text is cut into pieces under the encoder's
/// limit, their unit vectors are averaged with their tokens as weights, and the mean is scaled
/// to length 1.
public struct TextPooling: Sendable {
  /// The vector of a text, and the pieces it was made from.
  public struct Pooled: Sendable {
    /// Of length 1.
    public var vector: [Float]
    /// Tokens before any cut; nil if the encoder cannot count them.
    public var tokens: Int?
    /// The number of these tokens that the encoder read.
    public var tokensRead: Int?
    public var pieces: [Piece]
  }

  /// A part of a text that was encoded separately.
  public struct Piece: Sendable {
    public var text: String
    /// Of length 1.
    public var vector: [Float]
    public var tokens: Int?
  }

  /// The number of pieces that go to the encoder together, sorted by length.
  static let batchSize = 1024

  private let encoder: any TextEncoder
  private let chunker: TextChunker
  private let prefix: String

  public init(encoder: any TextEncoder, rule: LongTextRule = .sentences, prefix: String = "") {
    self.encoder = encoder
    self.prefix = prefix
    chunker = TextChunker(encoder: encoder, rule: rule, prefix: prefix)
  }

  /// Encodes texts. A text that fails does not stop the others.
  ///
  /// - Parameter texts: texts with the names that errors use.
  /// - Returns: results in the order of the texts; failures are `.emptyText` and `.notFinite`.
  /// - Throws: the encoder's errors.
  public func encode(_ texts: [(owner: String, text: String)]) throws
    -> [Result<Pooled, DescriptionFeatureError>]
  {
    let cuts = try MatrixThreads.map(texts.map(\.text)) { [chunker] text in
      text.contains { !$0.isWhitespace } ? try chunker.pieces(of: text) : nil
    }
    let pieces = cuts.flatMap { cut in cut.map { zip($0.texts, $0.tokens).map { $0 } } ?? [] }
    let rows = try encode(pieces.map(\.0), lengths: pieces.map { $1 ?? $0.utf8.count })
    var first = 0
    return zip(texts, cuts).map { item, cut in
      guard let cut else { return .failure(.emptyText(owner: item.owner)) }
      defer { first += cut.texts.count }
      return pool(cut, owner: item.owner, rows: rows[first..<first + cut.texts.count])
    }
  }

  /// One text's vector.
  ///
  /// - Throws: `DescriptionFeatureError`, and the encoder's errors.
  public func vector(of text: String, owner: String) throws -> [Float] {
    try encode([(owner: owner, text: text)])[0].get().vector
  }

  /// The rows of pieces. They are encoded in batches of similar length, the longest first, so
  /// that threads finish a batch at nearly the same time.
  private func encode(_ texts: [String], lengths: [Int]) throws -> [[Float]] {
    let order = texts.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var rows = [[Float]](repeating: [], count: texts.count)
    for start in stride(from: 0, to: order.count, by: Self.batchSize) {
      let batch = order[start..<min(start + Self.batchSize, order.count)]
      let encoded = try encoder.encodeTexts(batch.map { prefix + texts[$0] })
      for (row, index) in batch.enumerated() { rows[index] = encoded[row: row].scalars }
    }
    return rows
  }

  private func pool(_ cut: TextChunker.Pieces, owner: String, rows: ArraySlice<[Float]>)
    -> Result<Pooled, DescriptionFeatureError>
  {
    let failure = DescriptionFeatureError.notFinite(
      owner: owner, encoder: encoder.identity.description)
    var sum = [Float](repeating: 0, count: encoder.identity.dimension)
    var pieces: [Piece] = []
    for (index, row) in rows.enumerated() {
      guard let unit = VectorMath.unit(row) else { return .failure(failure) }
      let weight = Float(cut.tokens[index] ?? 1)
      for column in sum.indices { sum[column] += weight * unit[column] }
      pieces.append(Piece(text: cut.texts[index], vector: unit, tokens: cut.tokens[index]))
    }
    guard let mean = pieces.count == 1 ? pieces[0].vector : VectorMath.unit(sum) else {
      return .failure(failure)
    }
    return .success(
      Pooled(
        vector: mean, tokens: cut.tokensBefore, tokensRead: cut.tokensRead, pieces: pieces))
  }
}
