import Foundation
import Tensors

extension LinearArithmetic {
  /// The embeddings of pictures that a model computed in this arithmetic.
  ///
  /// - Throws: `EncoderError.notFinite` for any number that is not finite: half precision ends
  ///   at 65,504.
  func finite(_ embeddings: Tensor<Float>, ofModelIn directory: URL) throws -> Tensor<Float> {
    guard embeddings.isFinite else { throw notFinite(directory) }
    return embeddings
  }

  /// The embeddings of texts. One among others that is not finite is for the caller to name.
  ///
  /// - Throws: `EncoderError.notFinite` where of several none is finite: that is the model.
  func finiteInPart(_ embeddings: Tensor<Float>, ofModelIn directory: URL) throws
    -> Tensor<Float>
  {
    let rows = embeddings.shape[0]
    guard rows < 2 || (0..<rows).contains(where: { embeddings[row: $0].isFinite }) else {
      throw notFinite(directory)
    }
    return embeddings
  }

  private func notFinite(_ directory: URL) -> EncoderError {
    .notFinite(model: ModelLocator.name(of: directory).model, arithmetic: rawValue)
  }
}

extension Tensor where Scalar == Float {
  /// Whether no element is NaN or infinite.
  var isFinite: Bool {
    // By the exponent's bits: a loop that becomes vectors on any processor.
    let exponent: UInt32 = 0x7f80_0000
    return scalars.withUnsafeBufferPointer { scalars in
      var faults: UInt32 = 0
      for scalar in scalars {
        faults |= scalar.bitPattern & exponent == exponent ? 1 : 0
      }
      return faults == 0
    }
  }
}
