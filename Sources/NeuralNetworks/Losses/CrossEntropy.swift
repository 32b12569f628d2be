import Tensors

/// Cross-entropy of rows of logits, averaged over the rows.
public enum CrossEntropy {
  /// −mean over rows of Σ_c target_c·log softmax(x)_c: logits and targets [n, C].
  /// The targets' rows are distributions; they carry no gradient.
  public static func ofLogits<Scalar>(_ logits: Variable<Scalar>, targets: Tensor<Scalar>)
    -> Variable<Scalar>
  {
    precondition(
      logits.shape == targets.shape && logits.shape.count == 2,
      "targets \(targets.shape) for logits \(logits.shape)")
    let rows = Scalar(logits.shape[0])
    return (logits.logSoftmax() * Variable(targets)).sum() * (-1 / rows)
  }

  /// The same with one class index a row.
  public static func ofLogits<Scalar>(_ logits: Variable<Scalar>, classes: [Int])
    -> Variable<Scalar>
  {
    precondition(
      logits.shape.count == 2 && logits.shape[0] == classes.count,
      "\(classes.count) classes for logits \(logits.shape)")
    var targets: Tensor<Scalar> = zeros(logits.shape)
    for (row, index) in classes.enumerated() {
      targets.scalars[row * logits.shape[1] + index] = 1
    }
    return ofLogits(logits, targets: targets)
  }
}
