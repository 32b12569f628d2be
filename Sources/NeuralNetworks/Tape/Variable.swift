import Tensors

/// A tensor that remembers how it was computed, so that the gradient of a scalar
/// can be followed back to what it depends on (reverse-mode differentiation).
///
/// `Float` is the type to train in; `Double` serves to check gradients. A
/// variable is not `Sendable`: a graph belongs to one thread. A result of
/// variables that need no gradient records nothing, so a frozen model costs no
/// graph.
public final class Variable<Scalar: TensorScalar> {
  /// What the variable holds.
  public internal(set) var value: Tensor<Scalar>
  /// The gradient of what `backward` was last called on, where one has arrived:
  /// calls add up until `clearGradient`. Only leaves keep theirs.
  public internal(set) var gradient: Tensor<Scalar>?
  /// Whether gradients flow into this variable.
  public internal(set) var requiresGradient: Bool

  /// Whether this is no operation's recorded result: a constant or a parameter.
  private let isLeaf: Bool
  private var inputs: [Variable]
  private var propagate: ((Tensor<Scalar>) -> Void)?

  /// A leaf: a constant, or a parameter with `requiresGradient`.
  public init(_ value: Tensor<Scalar>, requiresGradient: Bool = false) {
    self.value = value
    self.requiresGradient = requiresGradient
    isLeaf = true
    inputs = []
  }

  /// The result of an operation. `propagate` gets the gradient of the result and
  /// adds each input's share with `accumulate`.
  init(
    _ value: Tensor<Scalar>, from inputs: [Variable],
    propagate: @escaping (_ gradient: Tensor<Scalar>) -> Void
  ) {
    self.value = value
    requiresGradient = inputs.contains { $0.requiresGradient }
    isLeaf = !requiresGradient
    self.inputs = requiresGradient ? inputs : []
    self.propagate = requiresGradient ? propagate : nil
  }

  /// The extents, outermost first.
  public var shape: [Int] { value.shape }

  /// The only element of a one-element variable.
  ///
  /// - Precondition: there is exactly one element.
  public var item: Scalar {
    precondition(value.count == 1, "a single number needed, got shape \(shape)")
    return value.scalars[0]
  }

  /// The same value with no memory of its history: gradients stop here.
  public func detached() -> Variable { Variable(value) }

  /// Replaces a leaf's value, as loading a checkpoint does.
  ///
  /// - Precondition: the variable is a leaf, and the shape stays the same.
  public func assign(_ tensor: Tensor<Scalar>) {
    precondition(isLeaf, "an operation's result cannot be assigned")
    precondition(tensor.shape == shape, "cannot assign \(tensor.shape) to \(shape)")
    value = tensor
  }

  /// Sets whether gradients flow into this leaf.
  ///
  /// - Precondition: the variable is a leaf.
  public func setRequiresGradient(_ flag: Bool) {
    precondition(isLeaf, "an operation's result takes this from its inputs")
    requiresGradient = flag
    if !flag { gradient = nil }
  }

  /// Forgets the gradient.
  public func clearGradient() { gradient = nil }

  /// Adds a share of the gradient: the first is kept as it is, later ones are
  /// added in the fixed order in which `backward` visits the operations.
  func accumulate(_ share: @autoclosure () -> Tensor<Scalar>) {
    guard requiresGradient else { return }
    let share = share()
    precondition(share.shape == shape, "gradient \(share.shape) of a variable \(shape)")
    if gradient == nil {
      gradient = share
    } else {
      addInPlace(&gradient!.scalars, share.scalars)  // `gradient` is not nil here.
    }
  }

  /// Computes the gradients of this variable for every leaf below it that
  /// requires one, and releases the graph on the way: each operation's value and
  /// gradient are freed as soon as its inputs have their shares.
  ///
  /// The order of visits, hence of additions, depends only on the order in which
  /// the operations were recorded.
  ///
  /// - Parameter seed: the gradient to start from; 1 by default.
  /// - Precondition: without a seed, the variable holds a single number. No part of
  ///   the graph was walked before: its history is gone, and the leaves below it would
  ///   silently get nothing.
  public func backward(seed: Tensor<Scalar>? = nil) {
    precondition(
      seed != nil || value.count == 1, "backward needs a seed for the shape \(shape)")
    accumulate(seed ?? Tensor(shape: shape, scalars: [1]))
    var order = recordedOrder()
    while let node = order.popLast() {
      guard !node.isLeaf else { continue }
      guard let propagate = node.propagate else {
        preconditionFailure("backward through a part of a graph that was walked before")
      }
      guard let gradient = node.gradient else { continue }
      node.propagate = nil
      node.inputs = []
      node.gradient = nil
      propagate(gradient)
    }
  }

  /// Everything below this variable, inputs before the results made of them.
  private func recordedOrder() -> [Variable] {
    var order: [Variable] = []
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    var path: [(node: Variable, next: Int)] = [(self, 0)]
    while let (node, next) = path.last {
      guard next < node.inputs.count else {
        order.append(node)
        path.removeLast()
        continue
      }
      path[path.count - 1].next += 1
      let input = node.inputs[next]
      if input.requiresGradient && seen.insert(ObjectIdentifier(input)).inserted {
        path.append((input, 0))
      }
    }
    return order
  }
}
