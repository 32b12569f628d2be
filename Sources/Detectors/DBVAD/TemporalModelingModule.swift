import NeuralNetworks
import Records
import Tensors

/// Temporal Modeling Module (TMM): progressive temporal convolutions beside graph
/// convolutions, joined by a linear layer.
///
/// [B, T, D] to [B, T, D].
struct TemporalModelingModule<Scalar: TensorScalar>: Module {
  private let convolutions: ProgressiveConvolutions<Scalar>?
  private let graph: GraphConvolutions<Scalar>?
  private let fusion: Linear<Scalar>?
  private let addsInput: Bool

  init(_ configuration: DBVADConfiguration, generator: inout SeededGenerator) {
    let width = configuration.modelWidth
    addsInput = configuration.temporalSkip
    switch configuration.temporal {
    case .none: (convolutions, graph, fusion) = (nil, nil, nil)
    case .ptc, .multi:
      convolutions = ProgressiveConvolutions(
        configuration, isParallel: configuration.temporal == .multi, generator: &generator)
      (graph, fusion) = (nil, nil)
    case .gcn:
      convolutions = nil
      graph = GraphConvolutions(configuration, generator: &generator)
      fusion = Linear(width, width, generator: &generator)
    case .ptcAndGCN:
      convolutions = ProgressiveConvolutions(
        configuration, isParallel: false, generator: &generator)
      graph = GraphConvolutions(configuration, generator: &generator)
      fusion = Linear(2 * width, width, generator: &generator)
    }
  }

  func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    let branches = [convolutions?(x, mask: mask), graph?(x, mask: mask)].compactMap { $0 }
    guard let first = branches.first else { return x }
    let joined = branches.count == 1 ? first : .concatenated(branches)
    let modelled = fusion.map { mask($0(joined)) } ?? joined
    return addsInput ? x + modelled : modelled
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [
      convolutions.map { ("progressive", $0) }, graph.map { ("graph", $0) },
      fusion.map { ("fusion", $0) },
    ].compactMap { $0 }
  }
}
