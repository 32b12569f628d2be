import Records
import Tensors

/// How parameters start. Each draws its numbers in row-major order.
public enum Initialization {
  /// U(−√(6/(in+out)), +√(6/(in+out))) (Glorot and Bengio, 2010) for [out, in] or
  /// [out, in, k] weights, where k multiplies both.
  public static func xavierUniform<Scalar>(
    _ shape: [Int], generator: inout SeededGenerator
  ) -> Tensor<Scalar> {
    let taps = shape.dropFirst(2).reduce(1, *)
    let bound = (6 / Double((shape[0] + shape[1]) * taps)).squareRoot()
    return uniform(shape, bound: bound, generator: &generator)
  }

  /// U(−1/√fanIn, +1/√fanIn), what `torch.nn.Linear` and `Conv1d` draw for
  /// weights and biases by default (Kaiming uniform with a = √5).
  public static func torchDefault<Scalar>(
    _ shape: [Int], fanIn: Int, generator: inout SeededGenerator
  ) -> Tensor<Scalar> {
    uniform(shape, bound: 1 / Double(fanIn).squareRoot(), generator: &generator)
  }

  /// U(−√(6/fanIn), +√(6/fanIn)) (He et al., 2015), for layers before a ReLU.
  public static func kaimingUniform<Scalar>(
    _ shape: [Int], generator: inout SeededGenerator
  ) -> Tensor<Scalar> {
    uniform(
      shape, bound: (6 / Double(shape.dropFirst().reduce(1, *))).squareRoot(),
      generator: &generator)
  }

  /// N(0, deviation²).
  public static func normal<Scalar>(
    _ shape: [Int], deviation: Double = 0.01, generator: inout SeededGenerator
  ) -> Tensor<Scalar> {
    Tensor(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Scalar(generator.nextNormal() * deviation) })
  }

  private static func uniform<Scalar>(
    _ shape: [Int], bound: Double, generator: inout SeededGenerator
  ) -> Tensor<Scalar> {
    uniformNumbers(shape, -bound..<bound, &generator)
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func uniformNumbers<Scalar: TensorScalar>(
  _ shape: [Int], _ range: Range<Double>, _ generator: inout SeededGenerator
) -> Tensor<Scalar> {
  Tensor.filling(shape) { output in
    for index in 0..<output.count {
      output[unchecked: index] = Scalar(generator.nextUniform(in: range))
    }
  }
}
