import Tensors

// What each layer computes, as nodes of a graph: one video, [T, width]. Beside each stands the
// layer that it must equal.

extension Linear {
  /// [n, in] to [n, out].
  public func exported(_ x: ONNXValue) -> ONNXValue {
    let graph = x.graph
    let inputs = [x, graph.parameter(weight)] + (bias.map { [graph.parameter($0)] } ?? [])
    return graph.node("Gemm", inputs, [("transB", .integer(1))])
  }
}

extension LayerNorm {
  public func exported(_ x: ONNXValue) -> ONNXValue {
    x.graph.node(
      "LayerNormalization", [x, x.graph.parameter(weight), x.graph.parameter(bias)],
      [("axis", .integer(-1)), ("epsilon", .float(Float(epsilon)))])
  }
}

extension BatchNorm {
  /// [T, C] to the same shape, by the running statistics.
  public func exported(_ x: ONNXValue) -> ONNXValue {
    let graph = x.graph
    return graph.node(
      "BatchNormalization",
      [
        x, graph.parameter(weight), graph.parameter(bias), graph.buffer(runningMean),
        graph.buffer(runningVariance),
      ], [("epsilon", .float(Float(epsilon)))])
  }
}

extension FeedForward {
  public func exported(_ x: ONNXValue) -> ONNXValue {
    project.exported(expand.exported(x).quickGELU())
  }
}

extension TemporalConvolutionLayer {
  /// [T, in] to [T, out].
  public func exported(_ x: ONNXValue) -> ONNXValue {
    let graph = x.graph
    let reach = (weight.shape[2] - 1) / 2 * dilation
    let convolved = graph.node(
      "Conv",
      [x.transposed([1, 0]).unsqueezed(0), graph.parameter(weight), graph.parameter(bias)],
      [("dilations", .integers([dilation])), ("pads", .integers([reach, reach]))])
    return convolved.reshaped([weight.shape[0], -1]).transposed([1, 0])
  }
}

extension ProgressiveConvolutions {
  public func exported(_ x: ONNXValue) -> ONNXValue {
    var y = x
    for stage in stages {
      let input = isParallel ? x : y
      y = y + stage.norm.exported(stage.convolution.exported(input)).quickGELU()
    }
    return y
  }
}

extension GraphConvolution {
  /// - Parameter spread: multiplies by the graph's adjacency.
  func exported(_ x: ONNXValue, spread: (ONNXValue) -> ONNXValue) -> ONNXValue {
    let product = x.graph.node(
      "Gemm", [x, x.graph.parameter(weight)], [("transB", .integer(1))])
    return (spread(product) + (residual?.exported(x) ?? x)).quickGELU()
  }
}

extension TemporalGraphs {
  public func exported(_ x: ONNXSequence) -> ONNXSequence {
    // The graph of like snippets joins the video's own rows alone, padded or not.
    let own = x.own(x.rows)
    let alike = own.cosineSimilarity(to: own)
      .keepingAbove(
        Float(options.similarityThreshold), replacement: options.isNormalized ? -1e4 : 0
      )
      .softmax()
    var near = (x.distances() * Float(-1 / options.distanceScale)).exp()
    if options.isNormalized { near = near / near.rowSums() }
    var (bySimilarity, byDistance) = (x.rows, x.rows)
    for layer in similarity {
      bySimilarity = layer.exported(bySimilarity) {
        x.whole(alike.matrixMultiplied(by: x.own($0)))
      }
    }
    for layer in distance {
      byDistance = layer.exported(byDistance) { near.matrixMultiplied(by: $0) }
    }
    var joined = x
    joined.rows = .concatenated([bySimilarity, byDistance])
    return joined
  }
}

extension WindowedTransformer {
  public func exported(_ x: ONNXSequence) -> ONNXSequence {
    guard !layers.isEmpty else { return x }
    let windows = ONNXWindows(of: x, size: window)
    return layers.reduce(x) { x, layer in
      var next = x
      let attended = x.rows + layer.attention.exported(layer.norm1.exported(x.rows), in: windows)
      next.rows = attended + layer.mlp.exported(layer.norm2.exported(attended))
      return next
    }
  }
}

/// A sequence cut into windows; the last one is filled up with rows that nobody attends to.
private struct ONNXWindows {
  let size: Int
  let steps, missing, mask: ONNXValue

  init(of x: ONNXSequence, size: Int) {
    let graph = x.graph
    self.size = size
    steps = x.steps
    let last = graph.constant([size - 1])
    let whole = (x.steps + last) / graph.constant([size]) * graph.constant([size])
    missing = whole - x.steps
    // 0 for keys, and what makes a softmax 0 for the rows behind.
    let isKey = graph.node("Less", [ONNXSequence.places(whole), x.steps])
    mask = graph.node("Where", [isKey, graph.constant(0), graph.constant(-1e30)])
      .reshaped([-1, 1, size])
  }
}

extension WindowedAttention {
  fileprivate func exported(_ x: ONNXValue, in windows: ONNXWindows) -> ONNXValue {
    let width = output.weight.shape[1]
    let parts = projections.exported(x.padded(rows: windows.missing))
      .reshaped([-1, windows.size, 3 * width]).split(3)
    let weights =
      ((parts[0] * Float(1 / Double(width).squareRoot()))
      .matrixMultiplied(by: parts[1].transposed([0, 2, 1])) + windows.mask)
      .softmax()
    let mixed = weights.matrixMultiplied(by: parts[2]).reshaped([-1, width])
    return output.exported(mixed.rows(before: windows.steps))
  }
}
