import Detectors
import NeuralNetworks
import Records

/// Where and by what a training stopped because a number was not finite.
public struct Divergence: Sendable, Equatable, CustomStringConvertible {
  /// What was not finite.
  public enum Finding: Sendable, Equatable {
    /// A term of the loss, or `total` where only the weighted sum is not finite.
    case loss(term: String)
    /// The first parameter, in the model's order, whose gradient has such a number, and the
    /// number's place in it.
    case gradient(parameter: String, index: Int)
  }

  /// Counted from 1.
  public var epoch: Int
  /// Counted from 1 over the whole training.
  public var step: Int
  public var finding: Finding
  /// The videos of the step's batch, each once.
  public var videos: [String]
  /// Those that give a loss or gradient that is not finite without the others, with the same
  /// weights and no dropout; empty where none does.
  public var suspects: [String]

  public init(epoch: Int, step: Int, finding: Finding, videos: [String], suspects: [String]) {
    self.epoch = epoch
    self.step = step
    self.finding = finding
    self.videos = videos
    self.suspects = suspects
  }

  /// One line: the finding, the videos, and what to do.
  public var description: String {
    let what =
      switch finding {
      case .loss(let term): "the loss (\(term)) is not finite"
      case .gradient(let parameter, let index):
        "the gradient of '\(parameter)' is not finite (element \(index))"
      }
    let cause =
      suspects.isEmpty
      ? "no video of the batch gives that alone (\(ShortList.of(videos)))"
      : "alone, \(suspects.count) of the \(videos.count) videos of the batch "
        + "\(suspects.count == 1 ? "gives" : "give") that: \(ShortList.of(suspects)); "
        + "check the features"
    return "training: \(what) in epoch \(epoch), step \(step); \(cause); the weights stay "
      + "those of step \(step - 1): lower learningRate, or set gradientNormLimit"
  }
}

extension Divergence.Finding {
  /// Nil where all terms and their sum are finite.
  init?(of terms: [LossTerm<Float>], total: Variable<Float>) {
    guard
      let term = terms.first(where: { !$0.value.item.isFinite })?.name
        ?? (total.item.isFinite ? nil : "total")
    else { return nil }
    self = .loss(term: term)
  }

  /// Nil where all gradients are finite.
  init?(of parameters: [(name: String, variable: Variable<Float>)], squaredNorms: [Double]) {
    guard let place = squaredNorms.firstIndex(where: { !$0.isFinite }) else { return nil }
    let (name, variable) = parameters[place]
    self = .gradient(
      parameter: name, index: variable.gradient?.scalars.firstIndex { !$0.isFinite } ?? 0)
  }
}

extension Divergence {
  /// Runs each video of the batch alone, to find those that are the cause. The model's
  /// gradients are cleared.
  init(
    epoch: Int, step: Int, finding: Finding, batch: [TrainingSample], model: DetectorModel,
    usesDescriptions: Bool
  ) throws {
    var videos: [String] = []
    var suspects: [String] = []
    for sample in batch {
      if !videos.contains(sample.videoID) { videos.append(sample.videoID) }
      guard !suspects.contains(sample.videoID) else { continue }
      model.clearGradients()
      let terms = model.losses(
        try model.batch(of: [sample], usesDescriptions: usesDescriptions))
      guard let total = terms.total() else { continue }
      if Finding(of: terms, total: total) == nil {
        total.backward()
        let parameters = model.namedParameters
        let squares = GradientClipping.squaredNorms(parameters.map(\.variable))
        guard Finding(of: parameters, squaredNorms: squares) != nil else { continue }
      }
      suspects.append(sample.videoID)
    }
    model.clearGradients()
    self.init(epoch: epoch, step: step, finding: finding, videos: videos, suspects: suspects)
  }
}
