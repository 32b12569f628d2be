import Tensors

/// Layer normalisation over the last axis; `weight` and `bias` [n] start at 1 and 0.
public struct LayerNorm<Scalar: TensorScalar>: Module {
  public let weight: Variable<Scalar>
  public let bias: Variable<Scalar>
  /// What is added to the variance.
  public let epsilon: Scalar

  public init(_ width: Int, epsilon: Scalar = 1e-5) {
    self.init(
      weight: Variable(Tensor(shape: [width], repeating: 1), requiresGradient: true),
      bias: Variable(Tensor(shape: [width], repeating: 0), requiresGradient: true),
      epsilon: epsilon)
  }

  /// A layer over given parameters.
  public init(weight: Variable<Scalar>, bias: Variable<Scalar>, epsilon: Scalar = 1e-5) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("weight", weight), ("bias", bias)]
  }
}
