import Records
import Tensors

/// y = x·Wᵀ + b over the last axis; `weight` [out, in], `bias` [out].
public struct Linear<Scalar: TensorScalar>: Module {
  public let weight: Variable<Scalar>
  public let bias: Variable<Scalar>?

  /// PyTorch's default start.
  public init(
    _ inputs: Int, _ outputs: Int, bias hasBias: Bool = true, generator: inout SeededGenerator
  ) {
    weight = Variable(
      Initialization.torchDefault([outputs, inputs], fanIn: inputs, generator: &generator),
      requiresGradient: true)
    bias =
      hasBias
      ? Variable(
        Initialization.torchDefault([outputs], fanIn: inputs, generator: &generator),
        requiresGradient: true) : nil
  }

  /// A layer between different widths; nil where they are equal and nothing is to be done.
  public static func projection(
    _ inputs: Int, _ outputs: Int, generator: inout SeededGenerator
  ) -> Linear? {
    inputs == outputs ? nil : Linear(inputs, outputs, generator: &generator)
  }

  /// A layer over given parameters.
  public init(weight: Variable<Scalar>, bias: Variable<Scalar>?) {
    self.weight = weight
    self.bias = bias
  }

  public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    x.linear(weight: weight, bias: bias)
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("weight", weight)] + (bias.map { [("bias", $0)] } ?? [])
  }
}
