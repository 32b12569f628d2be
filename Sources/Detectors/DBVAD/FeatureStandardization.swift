import NeuralNetworks
import Tensors

/// (x − shift)·scale with constants that come from the training set and travel
/// in the checkpoint. Padded rows must be masked afterwards.
struct FeatureStandardization<Scalar: TensorScalar>: Module {
  private let shift: Variable<Scalar>
  private let scale: Variable<Scalar>

  init(width: Int) {
    shift = Variable(Tensor(shape: [width], repeating: 0))
    scale = Variable(Tensor(shape: [width], repeating: 1))
  }

  func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    x.standardized(shift: shift.value, scale: scale.value)
  }

  /// A dimension that never varies keeps its scale.
  func set(means: [Float], deviations: [Float]) {
    shift.assign(Tensor(shape: shift.shape, scalars: means.map { Scalar($0) }))
    scale.assign(
      Tensor(shape: scale.shape, scalars: deviations.map { $0 > 1e-6 ? Scalar(1 / $0) : 1 }))
  }

  var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("shift", shift), ("scale", scale)]
  }
}
