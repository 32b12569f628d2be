import Records
import Tensors

/// A convolution over the time axis of [B, T, in] that keeps the length;
/// `weight` [out, in, k], `bias` [out].
public struct TemporalConvolutionLayer<Scalar: TensorScalar>: Module {
  public let weight: Variable<Scalar>
  public let bias: Variable<Scalar>
  /// The distance between neighbouring taps, in time steps.
  public let dilation: Int

  /// PyTorch's default start.
  public init(
    _ inputs: Int, _ outputs: Int, kernelSize: Int, dilation: Int = 1,
    generator: inout SeededGenerator
  ) {
    let fanIn = inputs * kernelSize
    weight = Variable(
      Initialization.torchDefault(
        [outputs, inputs, kernelSize], fanIn: fanIn, generator: &generator),
      requiresGradient: true)
    bias = Variable(
      Initialization.torchDefault([outputs], fanIn: fanIn, generator: &generator),
      requiresGradient: true)
    self.dilation = dilation
  }

  public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    x.temporalConvolution(weight: weight, bias: bias, dilation: dilation)
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("weight", weight), ("bias", bias)]
  }
}
