import NeuralNetworks
import Tensors

/// Sets the rows beyond each sequence's length to zero, so that padding reaches
/// no valid row through convolutions or graphs.
///
/// Differs from VadCLIP, whose padded rows are not zero after the first layer and
/// leak; `DBVADConfiguration.vadclipPaddingLeak` restores that.
struct PaddingMask {
  let lengths: [Int]
  let leaks: Bool

  func callAsFunction<Scalar>(_ x: Variable<Scalar>) -> Variable<Scalar> {
    leaks ? x : x.maskedBeyond(lengths: lengths)
  }
}
