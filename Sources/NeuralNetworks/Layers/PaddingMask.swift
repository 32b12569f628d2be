import Tensors

/// Sets the rows beyond each sequence's length to zero, so that padding reaches
/// no valid row through convolutions or graphs.
///
/// Differs from VadCLIP, whose padded rows are not zero after the first layer and
/// leak; `leaks` restores that.
public struct PaddingMask: Sendable {
  /// How many steps of each sequence are real.
  public let lengths: [Int]
  /// Whether the mask does nothing, as in VadCLIP.
  public let leaks: Bool

  public init(lengths: [Int], leaks: Bool = false) {
    self.lengths = lengths
    self.leaks = leaks
  }

  /// [B, T, ...] to the same shape.
  public func callAsFunction<Scalar>(_ x: Variable<Scalar>) -> Variable<Scalar> {
    leaks ? x : x.maskedBeyond(lengths: lengths)
  }
}
