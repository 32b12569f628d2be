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

extension VideoParts {
  /// What the tape makes of X and the learned logits, before the features' own score.
  ///
  /// - Parameters:
  ///   - x: [B, T, D].
  ///   - learned: [B, T].
  ///   - areRaw: as in `weightedOverTime`.
  ///   - aligned: the pooled class logits [B, C] of class texts.
  init(
    _ x: Variable<Scalar>, _ learned: Variable<Scalar>, of batch: DetectorBatch<Scalar>,
    topKDivisor: Int, areRaw: Bool,
    aligned: @escaping (_ texts: Variable<Scalar>) -> Variable<Scalar>
  ) {
    let logits = batch.prior.map { learned + Variable($0) } ?? learned
    self.init(
      pooled: logits.sigmoid().topKMean(lengths: batch.lengths, divisor: topKDivisor),
      vectors: x.weightedOverTime(by: logits, areRaw: areRaw, lengths: batch.lengths),
      aligned: aligned)
  }
}

extension ONNXSequence {
  /// The same of one video: [1, D].
  func weightedOverTime(by logits: ONNXValue, areRaw: Bool) -> ONNXValue {
    let (weights, rows) = areRaw ? (logits, self.rows) : (own(logits).sigmoid(), own(self.rows))
    return weights.unsqueezed(0).matrixMultiplied(by: rows)
  }
}
