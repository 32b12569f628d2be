import Foundation
import Tensors

extension LinearArithmetic {
  /// The embeddings that a model computed in this arithmetic: half precision ends at 65,504, and
  /// weights may hold NaN.
  ///
  /// - Throws: `EncoderError.notFinite` for any number that is not finite.
  func finite(_ embeddings: Tensor<Float>, ofModelIn directory: URL) throws -> Tensor<Float> {
    guard embeddings.scalars.allSatisfy(\.isFinite) else {
      throw EncoderError.notFinite(
        model: ModelLocator.name(of: directory).model, arithmetic: rawValue)
    }
    return embeddings
  }
}
