/// Two linear layers with a function between: a transformer's feed-forward network.
public struct FeedForwardLayers: Sendable {
  private let expansion: LinearLayer
  private let activation: RowActivation
  private let contraction: LinearLayer

  /// The width of what is between.
  public var hiddenWidth: Int { expansion.outputs }

  /// - Precondition: the second layer takes what the first one gives.
  public init(expansion: LinearLayer, activation: RowActivation, contraction: LinearLayer) {
    precondition(
      expansion.outputs == contraction.inputs,
      "\(expansion.outputs) outputs to \(contraction.inputs) inputs")
    self.expansion = expansion
    self.activation = activation
    self.contraction = contraction
  }

  /// Adds its output to `rows` rows.
  ///
  /// - Parameters:
  ///   - input: [rows, expansion's inputs]
  ///   - hidden: memory for [rows, hiddenWidth].
  ///   - output: [rows, contraction's outputs]
  /// - Throws: `TensorError.library`.
  public func add(
    _ input: UnsafePointer<Float>, rows: Int, hidden: UnsafeMutablePointer<Float>,
    to output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    guard rows > 0 else { return }
    if let first = expansion.kernel as? HalfLinear, let second = contraction.kernel as? HalfLinear {
      first.apply(
        input, rows: rows, activation: activation, next: second, into: output,
        finish: .residual, workspace: workspace)
      return
    }
    try expansion.apply(
      input, rows: rows, into: hidden, finish: .activation(activation), workspace: workspace)
    try contraction.apply(
      hidden, rows: rows, into: output, finish: .residual, workspace: workspace)
  }
}
