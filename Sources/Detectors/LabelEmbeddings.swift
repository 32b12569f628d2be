import NeuralNetworks
import Records
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

/// Label embeddings by prompt learning, as VadCLIP: learnable tokens before and
/// after each label, read by a frozen CLIP text tower. Gradients reach only the
/// learnable tokens.
///
/// A prompt is [start, n learnable, label, n learnable, end]; the end is at
/// 2n + 1 + k for a label of k tokens.
///
/// Differs from VadCLIP in the tokens after a label: there the table row depends
/// on the label's length, here every label has the same n.
public final class LabelPromptEncoder<Scalar: TensorScalar>: Module {
  /// The learnable tokens, [2·contextLength, width]: shared by all classes, those
  /// before the label first.
  public let context: Variable<Scalar>

  private let tower: CLIPTextTower<Scalar>
  private let fixedRows: Variable<Scalar>
  private let rowOrder: [Int]
  private let ends: [Int]
  private let length: Int

  /// - Parameters:
  ///   - tensors: the checkpoint's `text_model.*` and `text_projection.weight`.
  ///   - classTokens: each label's own token ids, without start and end.
  ///   - contextLength: learnable tokens on each side.
  /// - Throws: `DetectorError.badTextTower` where tensors, ids or lengths do not fit.
  public init(
    tensors: [String: Tensor<Float>], configuration: CLIPTextTowerConfiguration,
    classTokens: [[Int]], contextLength: Int = 10, generator: inout SeededGenerator
  ) throws {
    tower = try CLIPTextTower(tensors: tensors, configuration: configuration)
    ends = classTokens.map { 2 * contextLength + 1 + $0.count }
    length = (ends.max() ?? 0) + 1
    guard !classTokens.isEmpty, length <= tower.maximumTokens else {
      throw DetectorError.badTextTower(
        reason: "prompts of \(length) tokens, at most \(tower.maximumTokens) are read")
    }
    context = Variable(
      Initialization.normal([2 * contextLength, tower.width], generator: &generator),
      requiresGradient: true)
    // One table holds the learnable rows and behind them the fixed ones; a prompt
    // is an order of its rows, padded with the end token, which nothing reads.
    var ids = [configuration.startToken, configuration.endToken]
    let (start, end) = (2 * contextLength, 2 * contextLength + 1)
    var order: [Int] = []
    for tokens in classTokens {
      let first = 2 * contextLength + ids.count
      ids += tokens
      let prompt =
        [start] + Array(0..<contextLength) + Array(first..<first + tokens.count)
        + Array(contextLength..<2 * contextLength) + [end]
      order += prompt + Array(repeating: end, count: length - prompt.count)
    }
    fixedRows = Variable(try tower.embed(ids))
    rowOrder = order
  }

  /// [classes, width of the embedding].
  public var outputShape: [Int] { [ends.count, tower.outputWidth] }

  /// The labels' embeddings, [classes, width].
  public func callAsFunction() -> Variable<Scalar> {
    let table = Variable.stackedRows([context, fixedRows])
    return tower(
      table.rows(rowOrder).reshaped([ends.count, length, tower.width]), ends: ends)
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("context", context)]
  }
}
