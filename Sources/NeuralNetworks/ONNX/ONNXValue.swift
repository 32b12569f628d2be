import Tensors

/// A value of a graph: an input, a constant, or the result of a node. Operations on it add nodes;
/// names and orders are those of `Variable`'s.
public struct ONNXValue {
  public let graph: ONNXGraph
  public let name: String

  // MARK: - Arithmetic, with the usual broadcasting

  public static func + (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Add", [a, b]) }
  public static func - (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Sub", [a, b]) }
  public static func * (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Mul", [a, b]) }
  public static func / (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Div", [a, b]) }
  public static func + (a: ONNXValue, b: Float) -> ONNXValue { a + a.graph.constant(b) }
  public static func * (a: ONNXValue, b: Float) -> ONNXValue { a * a.graph.constant(b) }

  /// The product of matrices in the last two axes.
  public func matrixMultiplied(by other: ONNXValue) -> ONNXValue {
    graph.node("MatMul", [self, other])
  }

  // MARK: - Functions of each number

  public func sigmoid() -> ONNXValue { graph.node("Sigmoid", [self]) }
  public func reLU() -> ONNXValue { graph.node("Relu", [self]) }
  public func exp() -> ONNXValue { graph.node("Exp", [self]) }
  public func magnitude() -> ONNXValue { graph.node("Abs", [self]) }

  /// x·sigmoid(1.702·x).
  public func quickGELU() -> ONNXValue { self * (self * 1.702).sigmoid() }

  /// Numbers above the threshold, and the replacement in place of the others.
  public func keepingAbove(_ threshold: Float, replacement: Float) -> ONNXValue {
    let isAbove = graph.node("Greater", [self, graph.constant(threshold)])
    return graph.node("Where", [isAbove, self, graph.constant(replacement)])
  }

  // MARK: - Functions of rows

  /// Softmax over the last axis.
  public func softmax() -> ONNXValue { graph.node("Softmax", [self], [("axis", .integer(-1))]) }

  /// Rows of the last axis divided by max(‖row‖₂, 1e-12).
  public func l2Normalized() -> ONNXValue {
    let norms = graph.node(
      "ReduceL2", [self], [("axes", .integers([-1])), ("keepdims", .integer(1))])
    return self / graph.node("Max", [norms, graph.constant(1e-12)])
  }

  /// Sums over the last axis, which stays with the extent 1.
  public func rowSums() -> ONNXValue {
    graph.node("ReduceSum", [self, graph.constant([-1])], [("keepdims", .integer(1))])
  }

  /// The cosine of every row with every row of `other`: [n, d] by [m, d] is [n, m].
  public func cosineSimilarity(to other: ONNXValue) -> ONNXValue {
    let unit = l2Normalized()
    return unit.matrixMultiplied(
      by: (other.name == name ? unit : other.l2Normalized()).transposed([1, 0]))
  }

  // MARK: - Shapes

  /// The axes in another order.
  public func transposed(_ order: [Int]) -> ONNXValue {
    graph.node("Transpose", [self], [("perm", .integers(order))])
  }

  /// The same numbers under another shape; -1 stands for what is left.
  public func reshaped(_ shape: [Int]) -> ONNXValue {
    graph.node("Reshape", [self, graph.constant(shape)])
  }

  /// With an axis of extent 1 at this place.
  public func unsqueezed(_ axis: Int) -> ONNXValue {
    graph.node("Unsqueeze", [self, graph.constant([axis])])
  }

  /// Equal parts side by side along the last axis.
  public func split(_ count: Int) -> [ONNXValue] {
    graph.nodes("Split", [self], results: count, [("axis", .integer(-1))])
  }

  /// Values side by side along the last axis.
  public static func concatenated(_ values: [ONNXValue]) -> ONNXValue {
    guard values.count > 1 else { return values[0] }
    return values[0].graph.node("Concat", values, [("axis", .integer(-1))])
  }

  /// The first rows.
  ///
  /// - Parameter count: int64 [1].
  public func rows(before count: ONNXValue) -> ONNXValue {
    graph.node("Slice", [self, graph.constant([0]), count, graph.constant([0])])
  }

  /// [n, d] with rows of zeros behind.
  ///
  /// - Parameter count: how many, int64 [1].
  public func padded(rows count: ONNXValue) -> ONNXValue {
    let before = graph.constant([0, 0])
    let pads = graph.node("Concat", [before, count, graph.constant([0])], [("axis", .integer(0))])
    return graph.node("Pad", [self, pads])
  }
}
