import Tensors

/// Binary cross-entropy, averaged over the elements.
public enum BinaryCrossEntropy {
  /// −mean(y·log p + (1−y)·log(1−p)) for probabilities, as
  /// `torch.nn.functional.binary_cross_entropy`: logarithms are held at −100 or
  /// above, and the gradient's denominator p(1−p) at 1e-12 or above.
  public static func ofProbabilities<Scalar>(
    _ probabilities: Variable<Scalar>, targets: Tensor<Scalar>
  ) -> Variable<Scalar> {
    precondition(
      probabilities.shape == targets.shape,
      "targets \(targets.shape) for probabilities \(probabilities.shape)")
    let p = probabilities.value.scalars
    let y = targets.scalars
    let scale = 1 / Scalar(p.count)
    var sum: Scalar = 0
    for (p, y) in zip(p, y) {
      sum -= y * max(Scalar.logarithm(p), -100) + (1 - y) * max(Scalar.logarithm(1 - p), -100)
    }
    return Variable(Tensor(shape: [], scalars: [sum * scale]), from: [probabilities]) { gradient in
      let factor = gradient.scalars[0] * scale
      probabilities.accumulate(
        Tensor(
          shape: targets.shape,
          scalars: zip(p, y).map { factor * ($0 - $1) / max($0 * (1 - $0), 1e-12) }))
    }
  }

  /// The same of sigmoid(x), computed from x without loss:
  /// max(x, 0) − x·y + log(1 + e^−|x|).
  public static func ofLogits<Scalar>(_ logits: Variable<Scalar>, targets: Tensor<Scalar>)
    -> Variable<Scalar>
  {
    precondition(
      logits.shape == targets.shape, "targets \(targets.shape) for logits \(logits.shape)")
    let x = logits.value.scalars
    let y = targets.scalars
    let scale = 1 / Scalar(x.count)
    var sum: Scalar = 0
    for (x, y) in zip(x, y) {
      sum += max(x, 0) - x * y + Scalar.logarithm(1 + Scalar.exponential(-abs(x)))
    }
    return Variable(Tensor(shape: [], scalars: [sum * scale]), from: [logits]) { gradient in
      let factor = gradient.scalars[0] * scale
      logits.accumulate(
        Tensor(
          shape: targets.shape,
          scalars: zip(x, y).map { x, y in
            factor * (1 / (1 + Scalar.exponential(-x)) - y)
          }))
    }
  }
}
