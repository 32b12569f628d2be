import Foundation
import NeuralNetworks
import Tensors

/// How a video of any length becomes a sequence of at most T snippets.
public enum SnippetSequence {
  /// The training rule of VadCLIP (`process_feat`): up to `maximum` snippets are
  /// kept as they are; of more, `maximum` segments between `bounds` are averaged (an empty
  /// segment copies the row at its start).
  ///
  /// [n, d] to [min(n, maximum), d]; padding is added when batches are made.
  ///
  /// - Parameter roundsToHalf: whether means are rounded to half precision, as NumPy rounds
  ///   those of half-precision arrays.
  public static func shortened(
    _ features: Tensor<Float>, to maximum: Int, roundsToHalf: Bool = false
  ) -> Tensor<Float> {
    let count = features.shape[0]
    guard count > maximum else { return features }
    let bounds = bounds(count: count, maximum: maximum)
    let means = features.rowMeans(between: bounds)
    return roundsToHalf
      ? Tensor(shape: means.shape, scalars: means.scalars.map(HalfPrecision.rounded)) : means
  }

  /// The `maximum` + 1 bounds of the segments of `count` rows:
  /// `numpy.linspace(0, count, maximum + 1, dtype=int)`, which rounds down.
  package static func bounds(count: Int, maximum: Int) -> [Int] {
    let step = Double(count) / Double(maximum)
    // NumPy sets the end itself: the product may lie below it.
    return (0..<maximum).map { Int(Double($0) * step) } + [count]
  }

  /// The test rule (`process_split`): pieces of `maximum` snippets, the last one
  /// shorter.
  ///
  /// Differs from VadCLIP, which adds an all-zero piece where n is a multiple of
  /// `maximum`; the scores are the same, since it cuts them to n.
  public static func pieces(count: Int, maximum: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: maximum).map { $0..<min($0 + maximum, count) }
  }

  /// Sequences [n_i, d] as one batch [B, T, d], zero beyond each length; T is the
  /// longest, or `steps`.
  public static func padded(_ sequences: [Tensor<Float>], steps: Int? = nil) -> (
    features: Tensor<Float>, lengths: [Int]
  ) {
    let lengths = sequences.map { $0.shape[0] }
    let steps = steps ?? lengths.max() ?? 0
    let width = sequences.first?.shape[1] ?? 0
    var scalars: [Float] = []
    scalars.reserveCapacity(sequences.count * steps * width)
    for sequence in sequences {
      precondition(
        sequence.shape[0] <= steps && sequence.shape[1] == width,
        "a sequence \(sequence.shape) does not fit [\(steps), \(width)]")
      scalars += sequence.scalars
      scalars += repeatElement(0, count: steps * width - sequence.count)
    }
    return (Tensor(shape: [sequences.count, steps, width], scalars: scalars), lengths)
  }

  /// A batch [B, T, d] with zeros beyond each length.
  public static func cleared(_ features: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
    PaddingMask(lengths: lengths)(Variable(features)).value
  }

  /// Checks a video's features before a model sees them.
  ///
  /// - Throws: `DetectorError` naming the subject.
  public static func check(_ features: Tensor<Float>, width: Int, subject: String) throws {
    guard features.rank == 2, features.shape[1] == width else {
      throw DetectorError.wrongFeatureWidth(
        subject: subject, found: features.shape, expectedWidth: width)
    }
    guard features.shape[0] > 0 else { throw DetectorError.noSnippets(subject: subject) }
    if let index = features.scalars.firstIndex(where: { !$0.isFinite }) {
      throw DetectorError.notFinite(subject: subject, row: index / max(1, width))
    }
  }
}
