import Records
import Tensors

/// Texts as hashed word n-grams: a baseline that needs no weights.
///
/// Words (lower-cased; numbers by their size, see `WordFeatures`) form n-grams of 1 to 3
/// words. An n-gram's weight is the square root of its frequency, times a weight by its
/// length. Its hash seeds a row of ±1 of width 512: a signed random projection, which keeps
/// angles in expectation. The sum is scaled to length 1. The same text has the same bits on
/// every machine, because all operations are exactly rounded and in a fixed order.
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

  /// Nil: every word counts.
  public var maximumTokens: Int? { nil }

  /// The number of words.
  public func tokenCount(of text: String) throws -> Int { WordFeatures.words(of: text).count }

  /// One row per text, [n, 512], of length 1; texts without a word share a vector.
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

  /// The hash, frequency and length of each n-gram, in the order of the hashes.
  private static func counts(of words: [String]) -> [(hash: UInt64, count: Int, length: Int)] {
    // No word is empty, so this one is unique.
    let words = words.isEmpty ? [""] : words
    var counts: [UInt64: (count: Int, length: Int)] = [:]
    for length in 1...lengthWeights.count where length <= words.count {
      for start in 0...words.count - length {
        var hash = seed
        for word in words[start..<start + length] {
          // FNV-1a over the bytes, with a byte between words that no UTF-8 text contains.
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

/// The words of a text as features: lower-cased runs of letters, and numbers by
/// their size.
///
/// A number is a run of digits with at most one decimal point inside. Whole
/// numbers below 10 stand for themselves; others for their decade and whether
/// they begin with 1, 2 to 4, or 5 to 9: 12.5 and 18 are the same word, 18 and
/// 40 are not.
enum WordFeatures {
  static func words(of text: String) -> [String] {
    var words: [String] = []
    let scalars = Array(text.precomposed)
    var position = 0
    while position < scalars.count {
      let start = position
      if isDigit(scalars[position]) {
        while position < scalars.count, isDigit(scalars[position]) { position += 1 }
        let whole = scalars[start..<position]
        var fraction = scalars[position..<position]
        if position + 1 < scalars.count, scalars[position] == ".", isDigit(scalars[position + 1]) {
          let point = position
          position += 1
          while position < scalars.count, isDigit(scalars[position]) { position += 1 }
          fraction = scalars[point + 1..<position]
        }
        words.append(number(whole, fraction))
      } else if isWordScalar(scalars[position]) {
        while position < scalars.count, isWordScalar(scalars[position]),
          !isDigit(scalars[position])
        {
          position += 1
        }
        words.append(lowercased(scalars[start..<position]))
      } else {
        position += 1
      }
    }
    return words
  }

  private static func number(
    _ whole: ArraySlice<Unicode.Scalar>, _ fraction: ArraySlice<Unicode.Scalar>
  ) -> String {
    let digits = whole.drop { $0 == "0" }
    let decimals = fraction.reversed().drop { $0 == "0" }.reversed()
    if digits.count <= 1, decimals.isEmpty {
      return String(String.UnicodeScalarView(digits.isEmpty ? ["0"] : digits))
    }
    func size(_ lead: Unicode.Scalar, _ decade: Int) -> String {
      "\(lead < "2" ? 1 : lead < "5" ? 2 : 5)e\(decade)"
    }
    if let lead = digits.first { return size(lead, digits.count - 1) }
    let zeros = decimals.prefix { $0 == "0" }.count
    return size(Array(decimals)[zeros], -zeros - 1)
  }

  private static func lowercased(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    scalars.map(\.properties.lowercaseMapping).joined()
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }
}

extension String {
  fileprivate var precomposed: [Unicode.Scalar] { Array(unicodeScalars).composed }
}
