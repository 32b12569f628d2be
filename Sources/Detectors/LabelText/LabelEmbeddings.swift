import NeuralNetworks
import Tensors

/// The embeddings of the class labels.
public enum LabelEmbeddings<Scalar: TensorScalar> {
  /// Fixed vectors [C, labelTextWidth], where the encoder has no CLIP text tower.
  case fixed(Tensor<Float>)
  /// Labels between learnable tokens, through a frozen CLIP text tower.
  case learnable(LabelPromptEncoder<Scalar>)

  /// [classes, width].
  public var shape: [Int] {
    switch self {
    case .fixed(let tensor): tensor.shape
    case .learnable(let encoder): encoder.outputShape
    }
  }

  /// The embeddings, with a path to the learnable tokens where there are any.
  public func embeddings() -> Variable<Scalar> {
    switch self {
    case .fixed(let tensor): Variable(tensor.converted(to: Scalar.self))
    case .learnable(let encoder): encoder()
    }
  }

  var prompt: LabelPromptEncoder<Scalar>? {
    if case .learnable(let encoder) = self { return encoder }
    return nil
  }
}
