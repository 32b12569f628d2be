import Tensors

/// A video's rows in a graph: as many as it has snippets, or, for a model to which padded rows
/// matter, always as many.
public struct ONNXSequence {
  /// [steps, width].
  public var rows: ONNXValue
  /// How many rows are the video's, int64 [1].
  public let length: ONNXValue
  /// How many rows there are, int64 [1].
  public let steps: ONNXValue

  /// The rows [n, width] of a video.
  public init(_ rows: ONNXValue) {
    self.rows = rows
    length = rows.graph.node("Shape", [rows], [("start", .integer(0)), ("end", .integer(1))])
    steps = length
  }

  private init(_ rows: ONNXValue, length: ONNXValue, steps: ONNXValue) {
    (self.rows, self.length, self.steps) = (rows, length, steps)
  }

  /// The same with rows of zeros behind, for a model to which padded rows matter.
  ///
  /// - Parameter count: how many rows there are then; nil for no zeros. A longer video has none.
  public func padded(to count: Int?) -> ONNXSequence {
    guard let count else { return self }
    graph.mostRows = count
    let steps = graph.node("Max", [length, graph.constant([count])])
    return ONNXSequence(rows.padded(rows: steps - length), length: length, steps: steps)
  }

  public var graph: ONNXGraph { rows.graph }

  /// Whether there are rows that are not the video's.
  public var isPadded: Bool { steps.name != length.name }

  /// The video's own rows of a value that has all.
  public func own(_ value: ONNXValue) -> ONNXValue {
    isPadded ? value.rows(before: length) : value
  }

  /// A value of the video's own rows with zeros behind.
  func whole(_ value: ONNXValue) -> ONNXValue {
    isPadded ? value.padded(rows: steps - length) : value
  }

  /// 0, 1, ... of all rows, int64 [steps].
  private var places: ONNXValue { Self.places(steps) }

  static func places(_ count: ONNXValue) -> ONNXValue {
    let graph = count.graph
    func scalar(_ value: ONNXValue) -> ONNXValue {
      graph.node("Squeeze", [value, graph.constant([0])])
    }
    return graph.node(
      "Range", [scalar(graph.constant([0])), scalar(count), scalar(graph.constant([1]))])
  }

  /// The same with a row of the table added to each. A video of more rows than the table has is
  /// an error of whoever runs the graph.
  ///
  /// - Parameter table: a parameter, [rows, width].
  public func adding<Scalar>(_ table: Variable<Scalar>) -> ONNXSequence {
    graph.mostRows = min(graph.mostRows ?? .max, table.shape[0])
    var sum = self
    sum.rows =
      rows + graph.node("Gather", [graph.parameter(table), places], [("axis", .integer(0))])
    return sum
  }

  /// |i − j| for all rows i and j, [steps, steps].
  func distances() -> ONNXValue {
    let places = graph.node("Cast", [self.places], [("to", .integer(ONNXElement.float32))])
    return (places.unsqueezed(1) - places.unsqueezed(0)).magnitude()
  }
}
