import NeuralNetworks
import Records
import Tensors

/// The settings of VadCLIP's temporal module, in every model that has it.
protocol VadCLIPTrunkConfiguration: DetectorConfiguration {
  var modelWidth: Int { get }
  var transformerLayers: Int { get }
  var window: Int { get }
  var similarityThreshold: Double { get }
  var distanceScale: Double { get }
  var normalizesGraphs: Bool { get }
  var vadclipPaddingLeak: Bool { get }
}

extension VadCLIPTrunkConfiguration {
  static var trunkHelp: [String: String] {
    [
      "modelWidth": "width inside the model, even; other inputs are projected to it",
      "transformerLayers": "layers of the transformer over windows",
      "window": "snippets of a window",
      "similarityThreshold": "cosines up to this count as 0 in the similarity graph",
      "distanceScale": "the distance graph weighs exp(-|i - j| / this)",
      "normalizesGraphs": "graphs as in the paper, not as in the published code",
      "vadclipPaddingLeak": "do not mask padded rows, as the published code",
    ]
  }

  func validateTrunk() throws {
    let check = DetectorError.check
    try check(
      modelWidth > 0 && modelWidth % 2 == 0, "modelWidth", modelWidth, "a positive even width")
    try check(
      transformerLayers >= 0, "transformerLayers", transformerLayers, "0 or more")
    try check(window > 0, "window", window, "at least 1")
    try check(distanceScale > 0, "distanceScale", distanceScale, "a positive scale")
  }
}

/// VadCLIP's temporal module: a transformer over windows of time, two graphs over the whole
/// video, and a linear layer that joins them.
///
/// Parameters have the published checkpoints' names. The weights of the graph layers
/// (`gc1` to `gc4`) are [out, in] here and [in, out] there.
struct VadCLIPTrunk<Scalar: TensorScalar>: Module {
  private let inputProjection: Linear<Scalar>?
  /// A row for each snippet, [maximumSnippets, D].
  private let positions: Variable<Scalar>
  private let transformer: WindowedTransformer<Scalar>
  private let graphs: TemporalGraphs<Scalar>
  private let fusion: Linear<Scalar>
  /// Published checkpoints have it; nothing reads it.
  private let sigma: Variable<Scalar>?

  /// - Parameter hasSigma: whether the published checkpoints' unused parameter is there.
  init(
    _ configuration: some VadCLIPTrunkConfiguration, inputs: DetectorInputs,
    hasSigma: Bool = true, generator: inout SeededGenerator
  ) {
    let width = configuration.modelWidth
    inputProjection = .projection(inputs.visualWidth, width, generator: &generator)
    positions = Variable(
      Initialization.normal([inputs.maximumSnippets, width], generator: &generator),
      requiresGradient: true)
    transformer = WindowedTransformer(
      width: width, layers: configuration.transformerLayers, window: configuration.window,
      generator: &generator)
    graphs = TemporalGraphs(
      width: width, layers: 2,
      options: .init(
        similarityThreshold: configuration.similarityThreshold,
        distanceScale: configuration.distanceScale, isNormalized: configuration.normalizesGraphs),
      generator: &generator)
    fusion = Linear(width, width, generator: &generator)
    sigma =
      hasSigma ? Variable(Tensor(shape: [1], scalars: [0.1]), requiresGradient: true) : nil
  }

  /// Snippet features [B, T, visualWidth] to X [B, T, D].
  func callAsFunction(_ features: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    var x = features
    if let inputProjection { x = mask(inputProjection(x)) }
    let (count, steps, width) = (x.shape[0], x.shape[1], x.shape[2])
    let places = positions.rows(Array(0..<steps)).reshaped([steps * width])
    x = mask(
      x.reshaped([count, steps * width]).addingBias(places).reshaped([count, steps, width]))
    x = transformer(x, mask: mask)
    return mask(fusion(graphs(x, mask: mask)))
  }

  /// The same of one video, as nodes of a graph.
  func exported(_ video: ONNXSequence) -> ONNXSequence {
    var x = video
    if let inputProjection { x.rows = inputProjection.exported(x.rows) }
    x = graphs.exported(transformer.exported(x.adding(positions)))
    x.rows = fusion.exported(x.rows)
    return x
  }

  var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("frame_position_embeddings.weight", positions)]
      + (sigma.map { [("disAdj.sigma", $0)] } ?? [])
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    let all: [(String, (any Module<Scalar>)?)] = [
      ("input_projection", inputProjection), ("temporal", transformer),
      ("gc1", graphs.similarity[0]), ("gc2", graphs.similarity[1]), ("gc3", graphs.distance[0]),
      ("gc4", graphs.distance[1]), ("linear", fusion),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}

extension VadCLIPTrunk where Scalar == Float {
  /// The same as blocks of a program.
  ///
  /// - Returns: the slot of X.
  func add(to blocks: inout VideoProgramBuilder) -> Int {
    var x = inputProjection.map { blocks.linear($0, 0) } ?? 0
    x = blocks.positions(positions, x)
    x = blocks.transformer(transformer, x)
    return blocks.linear(fusion, blocks.graphs(graphs, x))
  }
}
