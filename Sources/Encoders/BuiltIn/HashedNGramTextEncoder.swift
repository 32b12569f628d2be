import Records
import Tensors

/// Texts as hashed word n-grams: a baseline that needs no weights.
///
/// Words (lower-cased; numbers by their size, see `WordFeatures`) give n-grams
/// of 1 to 3 words. Each n-gram counts with the square root of how often it
/// occurs, times a weight by its length, and its hash seeds a row of ±1 of width
/// 512: a signed random projection, which keeps angles in expectation. The sum is
/// scaled to length 1. The same text gives the same bits on every machine: only
/// exactly rounded operations, in a fixed order.
public struct HashedNGramTextEncoder: TextEncoder {
  private static let dimension = 512
  private static let seed: UInt64 = 0x6B65_7373_2D76_3031
  private static let lengthWeights = [1, 0.5, 0.25]

  public init() {}

  public var identity: EncoderIdentity {
    EncoderIdentity(kind: "builtin", model: "hashed-ngrams-v1", dimension: Self.dimension)
  }

  public var traits: TextEncoderTraits {
    TextEncoderTraits(pooling: "hashed-ngrams", isNormalized: true)
  }

  /// None: every word counts.
  public var maximumTokens: Int? { nil }

  /// The number of words.
  public func tokenCount(of text: String) throws -> Int { WordFeatures.words(of: text).count }

  /// One row a text, [n, 512], of length 1; texts without a word share a vector.
  public func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    Tensor(shape: [texts.count, Self.dimension], scalars: texts.flatMap(Self.encode))
  }

  private static func encode(_ text: String) -> [Float] {
    var sums = [Double](repeating: 0, count: dimension)
    for (hash, count, length) in counts(of: WordFeatures.words(of: text)) {
      let weight = Double(count).squareRoot() * lengthWeights[length - 1]
      var state = hash
      for word in 0..<dimension / 64 {
        let bits = mixed(&state)
        for bit in 0..<64 {
          sums[word * 64 + bit] += bits >> UInt64(bit) & 1 == 1 ? weight : -weight
        }
      }
    }
    let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return sums.map { Float($0 / length) }
  }

  /// Each n-gram's hash, how often it occurs and its length, in the order of the hashes.
  private static func counts(of words: [String]) -> [(hash: UInt64, count: Int, length: Int)] {
    // No word is empty, so this one is nobody else's.
    let words = words.isEmpty ? [""] : words
    var counts: [UInt64: (count: Int, length: Int)] = [:]
    for length in 1...lengthWeights.count where length <= words.count {
      for start in 0...words.count - length {
        var hash = seed
        for word in words[start..<start + length] {
          // FNV-1a over the bytes, with one that no UTF-8 text holds between words.
          for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
          hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        counts[hash, default: (0, length)].count += 1
      }
    }
    return counts.map { ($0.key, $0.value.count, $0.value.length) }.sorted { $0.0 < $1.0 }
  }

  /// SplitMix64.
  private static func mixed(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
