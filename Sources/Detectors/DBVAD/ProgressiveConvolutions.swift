import NeuralNetworks
import Records
import Tensors

/// Progressive Temporal Convolutions: a cascade whose receptive field grows.
///
/// Y_s = Y_{s−1} + QuickGELU(LN(Conv_{k_s, dilation_s}(Y_{s−1}))), s = 1, 2, ...
struct ProgressiveConvolutions<Scalar: TensorScalar>: Module {
  private struct Stage: Module {
    let convolution: TemporalConvolutionLayer<Scalar>
    let norm: LayerNorm<Scalar>

    func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
      norm(convolution(x)).quickGELU()
    }

    var parts: [(name: String, module: any Module<Scalar>)] {
      [("conv", convolution), ("norm", norm)]
    }
  }

  private let stages: [Stage]
  private let isParallel: Bool

  /// - Parameter isParallel: every stage sees the input, and the results are
  ///   summed: the poster's "multi-scale" ablation.
  init(
    _ configuration: DBVADConfiguration, isParallel: Bool, generator: inout SeededGenerator
  ) {
    var stages: [Stage] = []
    for (kernelSize, dilation) in zip(configuration.kernelSizes, configuration.dilations) {
      stages.append(
        Stage(
          convolution: TemporalConvolutionLayer(
            configuration.modelWidth, configuration.modelWidth, kernelSize: kernelSize,
            dilation: dilation, generator: &generator),
          norm: LayerNorm(configuration.modelWidth)))
    }
    self.stages = stages
    self.isParallel = isParallel
  }

  /// [B, T, D] to [B, T, D].
  func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    var y = x
    for stage in stages {
      y = mask(y + stage(isParallel ? x : y))
    }
    return y
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    stages.enumerated().map { ("\($0.offset)", $0.element) }
  }
}
