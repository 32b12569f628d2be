import Records
import Tensors

/// Progressive Temporal Convolutions: a cascade whose receptive field grows (DBVAD, PRCV
/// 2025).
///
/// Y_s = Y_{s−1} + QuickGELU(LN(Conv_{k_s, dilation_s}(Y_{s−1}))), s = 1, 2, ...
public struct ProgressiveConvolutions<Scalar: TensorScalar>: Module {
  struct Stage: Module {
    let convolution: TemporalConvolutionLayer<Scalar>
    let norm: LayerNorm<Scalar>

    func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
      norm(convolution(x)).quickGELU()
    }

    var parts: [(name: String, module: any Module<Scalar>)] {
      [("conv", convolution), ("norm", norm)]
    }
  }

  let stages: [Stage]
  let isParallel: Bool

  /// - Parameters:
  ///   - kernelSizes: taps of each stage, odd.
  ///   - dilations: of each stage.
  ///   - isParallel: every stage sees the input, and the results are summed.
  public init(
    width: Int, kernelSizes: [Int], dilations: [Int], isParallel: Bool = false,
    generator: inout SeededGenerator
  ) {
    var stages: [Stage] = []
    for (kernelSize, dilation) in zip(kernelSizes, dilations) {
      stages.append(
        Stage(
          convolution: TemporalConvolutionLayer(
            width, width, kernelSize: kernelSize, dilation: dilation, generator: &generator),
          norm: LayerNorm(width)))
    }
    self.stages = stages
    self.isParallel = isParallel
  }

  /// [B, T, D] to [B, T, D].
  public func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    var y = x
    for stage in stages { y = mask(y + stage(isParallel ? x : y)) }
    return y
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    stages.enumerated().map { ("\($0.offset)", $0.element) }
  }
}
