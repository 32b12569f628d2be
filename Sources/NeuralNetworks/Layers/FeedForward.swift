import Records
import Tensors

/// Linear n→4n, QuickGELU, Linear 4n→n: VadCLIP's MLP, with its parameter names
/// `c_fc` and `c_proj`.
public struct FeedForward<Scalar: TensorScalar>: Module {
  let expand, project: Linear<Scalar>

  public init(_ width: Int, expansion: Int = 4, generator: inout SeededGenerator) {
    expand = Linear(width, width * expansion, generator: &generator)
    project = Linear(width * expansion, width, generator: &generator)
  }

  public func callAsFunction(_ x: Variable<Scalar>) -> Variable<Scalar> {
    project(expand(x).quickGELU())
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    [("c_fc", expand), ("c_proj", project)]
  }
}
