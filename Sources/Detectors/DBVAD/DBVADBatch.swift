import NeuralNetworks
import Tensors

/// What DBVAD trains on in one step.
public struct DBVADBatch<Scalar: TensorScalar> {
  /// Snippet features, zero beyond each length, [B, T, visualWidth].
  public var features: Tensor<Scalar>
  /// How many snippets of each row are real, each at least 1.
  public var lengths: [Int]
  /// 1 for an anomalous video, 0 for a normal one, [B].
  public var targets: Tensor<Scalar>
  /// Each video's classes, at least one where it is described.
  public var classIndices: [[Int]]
  /// Which rows take part in the description loss.
  public var describedRows: [Int]
  /// Their description embeddings, [describedRows, textWidth].
  public var descriptions: Tensor<Scalar>?

  public init(
    features: Tensor<Scalar>, lengths: [Int], targets: Tensor<Scalar>, classIndices: [[Int]],
    describedRows: [Int] = [], descriptions: Tensor<Scalar>? = nil
  ) {
    self.features = features
    self.lengths = lengths
    self.targets = targets
    self.classIndices = classIndices
    self.describedRows = describedRows
    self.descriptions = descriptions
  }
}

/// The losses of a batch, each a scalar.
public struct DBVADLosses<Scalar: TensorScalar> {
  /// What training minimises.
  public var total: Variable<Scalar>
  /// L_bce over the multiple-instance top-k means.
  public var binary: Variable<Scalar>
  /// L_db, nil where fewer than two videos of the batch are described.
  public var description: Variable<Scalar>?
}
