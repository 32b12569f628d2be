import NeuralNetworks
import Tensors

/// (x − shift)·scale with constants that come from the training set and travel in the
/// checkpoint. Padded rows must be masked afterwards.
struct FeatureStandardization: Module {
  private let scale: Variable<Float>
  private let shift: Variable<Float>

  init(width: Int) {
    shift = Variable(Tensor(shape: [width], repeating: 0))
    scale = Variable(Tensor(shape: [width], repeating: 1))
  }

  func callAsFunction(_ x: Variable<Float>) -> Variable<Float> {
    x.standardized(shift: shift.value, scale: scale.value)
  }

  /// [n, width] to the same shape.
  func exported(_ x: ONNXValue) -> ONNXValue {
    (x - x.graph.parameter(shift)) * x.graph.parameter(scale)
  }

  /// A dimension that never varies keeps its scale.
  func set(means: [Float], deviations: [Float]) {
    shift.assign(Tensor(shape: shift.shape, scalars: means))
    scale.assign(
      Tensor(shape: scale.shape, scalars: deviations.map { $0 > 1e-6 ? 1 / $0 : 1 }))
  }

  var ownParameters: [(name: String, variable: Variable<Float>)] {
    [("shift", shift), ("scale", scale)]
  }
}
