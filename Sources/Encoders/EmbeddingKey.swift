import Foundation
import Records
import Video

/// Names an embedding by what it is made of: the encoder (weights' hash and all that
/// its identity says) and the pixels that it gets. 128 bits of SHA-256.
public struct EmbeddingKey: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  init?(_ text: Substring) {
    guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  /// 32 hexadecimal digits.
  var text: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

/// Makes the keys of one encoder's embeddings.
public struct EmbeddingKeys: Sendable {
  private let prefix: String

  /// Nil where the hash of the encoder's weights is unknown: a name, or a server's
  /// address, does not say which weights they are.
  public init?(of identity: EncoderIdentity) {
    guard identity.weightsHash != nil,
      let record = try? JSONRecord.encode(identity, pretty: false)
    else { return nil }
    prefix = ContentHash.of(record)
  }

  /// The key of a picture as the encoder gets it.
  public func key(of picture: RGBImage) -> EmbeddingKey? {
    var hash = ContentHash()
    hash.update("\(prefix) \(picture.width)x\(picture.height)")
    hash.update(picture.pixels)
    return EmbeddingKey(hash.finalize().prefix(32))
  }
}
