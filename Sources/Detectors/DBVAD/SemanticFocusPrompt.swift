import NeuralNetworks
import Records
import Tensors

/// Semantic Focus Prompt (SFP): the label's meaning calibrates the video vector,
/// z = a + FFN(a + t), where the skip comes from a, not from the sum.
struct SemanticFocusPrompt<Scalar: TensorScalar>: Module {
  private let ffn: FeedForward<Scalar>

  init(width: Int, generator: inout SeededGenerator) {
    ffn = FeedForward(width, generator: &generator)
  }

  /// Video vectors a and the embeddings t of their own labels, both [B, D], to
  /// [B, D].
  func callAsFunction(video a: Variable<Scalar>, label t: Variable<Scalar>) -> Variable<Scalar> {
    a + ffn(a + t)
  }

  var parts: [(name: String, module: any Module<Scalar>)] { [("ffn", ffn)] }
}
