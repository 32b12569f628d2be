import NeuralNetworks
import Records
import Tensors

/// The classifier of VadCLIP's binary branch: one logit per snippet,
/// a = Linear(X + MLP(X)).
struct AnomalyClassifier<Scalar: TensorScalar>: Module {
  let mlp: FeedForward<Scalar>
  let output: Linear<Scalar>

  /// - Parameter startsAtZero: whether all logits are 0 before training.
  init(width: Int, startsAtZero: Bool = false, generator: inout SeededGenerator) {
    mlp = FeedForward(width, generator: &generator)
    output = Linear(width, 1, generator: &generator)
    guard startsAtZero else { return }
    for parameter in output.ownParameters {
      parameter.variable.assign(Tensor(shape: parameter.variable.shape, repeating: 0))
    }
  }

  /// [B, T, D] to [B, T].
  ///
  /// - Parameter mlpInput: what the MLP sees in place of X.
  func callAsFunction(_ x: Variable<Scalar>, mlpInput: Variable<Scalar>? = nil)
    -> Variable<Scalar>
  {
    output(x + mlp(mlpInput ?? x)).reshaped(Array(x.shape.dropLast()))
  }

  /// [T, D] to [T].
  func exported(_ x: ONNXValue, mlpInput: ONNXValue? = nil) -> ONNXValue {
    output.exported(x + mlp.exported(mlpInput ?? x)).reshaped([-1])
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [("mlp", mlp), ("output", output)]
  }
}

extension Variable {
  /// A vector of each video, Σ_t weight_t·X_t, of [B, T, D]: [B, D].
  ///
  /// - Parameters:
  ///   - logits: [B, T].
  ///   - areRaw: whether the logits themselves weigh, at padded rows too, as in VadCLIP's code;
  ///     else their sigmoids weigh, within the lengths.
  func weightedOverTime(by logits: Variable, areRaw: Bool, lengths: [Int]) -> Variable {
    weightedSumOverTime(areRaw ? logits : logits.sigmoid().maskedBeyond(lengths: lengths))
  }
}

extension ONNXSequence {
  /// The same of one video: [1, D].
  func weightedOverTime(by logits: ONNXValue, areRaw: Bool) -> ONNXValue {
    let (weights, rows) = areRaw ? (logits, self.rows) : (own(logits).sigmoid(), own(self.rows))
    return weights.unsqueezed(0).matrixMultiplied(by: rows)
  }
}
