import NeuralNetworks

/// The visual path of a trained model as a graph: raw snippet features to logits, with all that
/// lies between: standardisation, padding, and the features' own score.
public struct DetectorGraph {
  public let graph: ONNXGraph
  /// The logits that `DetectorModel.scores` gives, [n].
  public let logits: ONNXValue
  /// What of each logit the features' own score gives, [n]; nil without one.
  public let prior: ONNXValue?
  /// One logit per snippet and class, [n, C]; nil for a model without them.
  public let classLogits: ONNXValue?

  /// The name of the extent n.
  public static let length = "snippets"
  /// The name of the input.
  public static let input = "features"
}

extension DetectorModel {
  /// The graph of a video of n snippets. It sees all of them at once: at most `maximumSnippets`
  /// give what `scores` gives.
  ///
  /// - Throws: `DetectorError.noExport`.
  public func exported() throws -> DetectorGraph {
    let graph = ONNXGraph(of: self)
    var features = graph.input(
      DetectorGraph.input, shape: [.named(DetectorGraph.length), .fixed(inputs.visualWidth)],
      documentation: "a video's snippet features, as the encoder gives them")
    if let standardization { features = standardization.exported(features) }
    guard let output = network.exported(ONNXSequence(features)) else {
      throw DetectorError.noExport(model: name)
    }
    let own = prior?.exported(features)
    return DetectorGraph(
      graph: graph, logits: own.map { output.logits + $0 } ?? output.logits, prior: own,
      classLogits: output.classLogits)
  }
}
