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

  /// The embeddings as a model sees them, [C, its width].
  ///
  /// - Parameters:
  ///   - isUnit: whether they are scaled to length 1 first.
  ///   - projection: to the model's width; nil where they have it.
  func vectors(isUnit: Bool, projection: Linear<Scalar>?) -> Variable<Scalar> {
    let table = isUnit ? embeddings().l2Normalized() : embeddings()
    return projection.map { $0(table) } ?? table
  }

  var prompt: LabelPromptEncoder<Scalar>? {
    if case .learnable(let encoder) = self { return encoder }
    return nil
  }
}

/// Where the learnable tokens around a label come from.
public enum LabelPromptLayout: String, Codable, Sendable, CaseIterable {
  /// The same n before and n after every label.
  case shared
  /// A table with a row for each position of the tower, as VadCLIP: the tokens after a label
  /// depend on its length, and the rows beyond the longest prompt are never read.
  case positional

  /// The parameter's key in a model and its checkpoint.
  public var parameterName: String {
    self == .shared ? "label_prompt.context" : "text_prompt_embeddings.weight"
  }
}

/// Label embeddings by prompt learning, as VadCLIP: learnable tokens before and
/// after each label, read by a frozen CLIP text tower. Gradients reach only the
/// learnable tokens.
///
/// A prompt is [start, n learnable, label, n learnable, end]; the end is at
/// 2n + 1 + k for a label of k tokens.
public final class LabelPromptEncoder<Scalar: TensorScalar>: Module {
  /// The learnable tokens, shared by all classes: [2·contextLength, width], those before the
  /// label first, or [maximum tokens, width], one for each position.
  public let context: Variable<Scalar>

  private let tower: CLIPTextTower<Scalar>
  private let fixedRows: Variable<Scalar>
  private let rowOrder: [Int]
  private let ends: [Int]
  private let length: Int
  private let layout: LabelPromptLayout

  /// - Parameters:
  ///   - tensors: the checkpoint's `text_model.*` and `text_projection.weight`.
  ///   - classTokens: each label's own token ids, without start and end.
  ///   - contextLength: learnable tokens on each side.
  /// - Throws: `DetectorError.badTextTower` where tensors, ids or lengths do not fit.
  public init(
    tensors: [String: Tensor<Float>], configuration: CLIPTextTowerConfiguration,
    classTokens: [[Int]], contextLength: Int = 10, layout: LabelPromptLayout = .shared,
    generator: inout SeededGenerator
  ) throws {
    tower = try CLIPTextTower(tensors: tensors, configuration: configuration)
    ends = classTokens.map { 2 * contextLength + 1 + $0.count }
    length = (ends.max() ?? 0) + 1
    guard !classTokens.isEmpty, length <= tower.maximumTokens else {
      throw DetectorError.badTextTower(
        reason: "prompts of \(length) tokens, at most \(tower.maximumTokens) are read")
    }
    self.layout = layout
    let learnable = layout == .shared ? 2 * contextLength : tower.maximumTokens
    context = Variable(
      Initialization.normal([learnable, tower.width], generator: &generator),
      requiresGradient: true)
    // One table holds the learnable rows and behind them the fixed ones; a prompt
    // is an order of its rows, padded with the end token, which nothing reads.
    var ids = [configuration.startToken, configuration.endToken]
    let (start, end) = (learnable, learnable + 1)
    var order: [Int] = []
    for tokens in classTokens {
      let first = learnable + ids.count
      ids += tokens
      let (before, after) =
        switch layout {
        case .shared: (0, contextLength)
        case .positional: (1, contextLength + tokens.count + 1)
        }
      let prompt =
        [start] + Array(before..<before + contextLength)
        + Array(first..<first + tokens.count) + Array(after..<after + contextLength) + [end]
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
    [(String(layout.parameterName.split(separator: ".")[1]), context)]
  }
}
