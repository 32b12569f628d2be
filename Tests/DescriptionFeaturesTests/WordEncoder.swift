import Encoders
import Foundation
import Records
import Synchronization
import Tensors

/// One token per word and two for the ends, as CLIP counts. A text's vector is the
/// sum of the hashed directions of the words that it reads.
final class WordEncoder: TextEncoder {
  let identity: EncoderIdentity
  let maximumTokens: Int?
  /// The texts that it was given, in order.
  let seen = Mutex<[String]>([])
  /// Texts with this word get a non-finite vector.
  let poison: String?
  /// At a text with this word the encoder throws, like a server that is gone.
  let end: String?

  struct Gone: Error {}

  init(
    limit: Int? = nil, model: String = "words", dimension: Int = 8, poison: String? = nil,
    end: String? = nil
  ) {
    self.end = end
    identity = EncoderIdentity(
      kind: "test", model: model, weightsHash: "w-\(model)", dimension: dimension)
    maximumTokens = limit
    self.poison = poison
  }

  func tokenCount(of text: String) -> Int { Self.words(text).count + 2 }

  func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    if let end, texts.contains(where: { Self.words($0).contains(end) }) { throw Gone() }
    seen.withLock { $0 += texts }
    return Tensor(
      shape: [texts.count, identity.dimension], scalars: texts.flatMap { vector(of: $0) })
  }

  func vector(of text: String) -> [Float] {
    var words = Self.words(text)
    if let maximumTokens { words = Array(words.prefix(maximumTokens - 2)) }
    if let poison, words.contains(poison) {
      return Array(repeating: .nan, count: identity.dimension)
    }
    var sum = [Float](repeating: 0, count: identity.dimension)
    for word in words {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      for column in sum.indices {
        hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9 &+ 1
        sum[column] += Float(hash >> 40) / 0x1p23 - 1
      }
    }
    return sum
  }

  static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
