import NeuralNetworks
import Records
import Tensors

/// The classifier of VadCLIP's binary branch: one logit per snippet,
/// a = Linear(X + MLP(X)).
struct AnomalyClassifier<Scalar: TensorScalar>: Module {
  private let mlp: FeedForward<Scalar>
  private let output: Linear<Scalar>

  init(width: Int, generator: inout SeededGenerator) {
    mlp = FeedForward(width, generator: &generator)
    output = Linear(width, 1, generator: &generator)
  }

  /// [B, T, D] to [B, T].
  func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    output(x + mlp(x)).reshaped(Array(x.shape.dropLast()))
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [("mlp", mlp), ("output", output)]
  }
}
