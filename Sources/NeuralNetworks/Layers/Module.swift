import Tensors

/// A part of a model that owns parameters and, where it needs them, buffers.
///
/// Their key is the path to them, joined with dots, and equals the key in
/// a PyTorch checkpoint of the same model; weights are stored [out, in].
public protocol Module<Scalar> {
  associatedtype Scalar: TensorScalar
  /// The parameters that the part itself owns, by name.
  var ownParameters: [(name: String, variable: Variable<Scalar>)] { get }
  /// The numbers that the part itself keeps and no gradient reaches, by name.
  var ownBuffers: [(name: String, buffer: Buffer<Scalar>)] { get }
  /// The parts within, by name; an empty name adds nothing to the path.
  var parts: [(name: String, module: any Module<Scalar>)] { get }
}

extension Module {
  public var ownParameters: [(name: String, variable: Variable<Scalar>)] { [] }
  public var ownBuffers: [(name: String, buffer: Buffer<Scalar>)] { [] }
  public var parts: [(name: String, module: any Module<Scalar>)] { [] }

  /// Every parameter with its key, in a fixed order.
  public var namedParameters: [(name: String, variable: Variable<Scalar>)] {
    parameters(under: "")
  }

  private func parameters(under path: String) -> [(name: String, variable: Variable<Scalar>)] {
    let own = ownParameters.map { (name: path + $0.name, variable: $0.variable) }
    return own
      + parts.flatMap { part in
        part.module.parameters(under: part.name.isEmpty ? path : "\(path)\(part.name).")
      }
  }

  /// How many numbers the parameters hold.
  public var parameterCount: Int { namedParameters.reduce(0) { $0 + $1.variable.value.count } }

  /// Makes every parameter a constant: a forward pass then records no graph.
  public func freeze() {
    for (_, variable) in namedParameters { variable.setRequiresGradient(false) }
  }

  /// Forgets the gradients of all parameters.
  public func clearGradients() {
    for (_, variable) in namedParameters { variable.clearGradient() }
  }

  /// Replaces every parameter and every buffer by the tensor of its key.
  ///
  /// - Throws: `NeuralNetworkError.missingTensor` or `.wrongShape`, before
  ///   anything is replaced.
  public func load(_ tensors: [String: Tensor<Float>]) throws {
    for (name, shape) in namedShapes {
      guard let tensor = tensors[name] else {
        throw NeuralNetworkError.missingTensor(name: name, expected: shape)
      }
      guard tensor.shape == shape else {
        throw NeuralNetworkError.wrongShape(name: name, found: tensor.shape, expected: shape)
      }
    }
    for (name, variable) in namedParameters {
      if let tensor = tensors[name] { variable.assign(tensor.converted(to: Scalar.self)) }
    }
    for (name, buffer) in namedBuffers {
      if let tensor = tensors[name] { buffer.assign(tensor.converted(to: Scalar.self)) }
    }
  }

  /// The stored layers, parameters and buffers that no list names, as paths of Swift's property
  /// names: each would neither be trained nor saved. Constants (variables that require no
  /// gradient) need no list.
  ///
  /// A model is checked once where it is made, so that a forgotten entry cannot hide.
  public var unlistedParts: [String] {
    let listed = Set(
      namedParameters.map { ObjectIdentifier($0.variable) }
        + namedBuffers.map { ObjectIdentifier($0.buffer) })
    return Self.unlisted(in: self, path: "", listed: listed)
  }

  private static func unlisted(in value: Any, path: String, listed: Set<ObjectIdentifier>)
    -> [String]
  {
    if let variable = value as? Variable<Scalar> {
      let isMissing = variable.requiresGradient && !listed.contains(ObjectIdentifier(variable))
      return isMissing ? [path] : []
    }
    if let buffer = value as? Buffer<Scalar> {
      return listed.contains(ObjectIdentifier(buffer)) ? [] : [path]
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .struct, .class, .collection, .optional, .tuple, .enum:
      return mirror.children.enumerated().flatMap { index, child in
        let name = mirror.displayStyle == .optional ? "" : child.label ?? "\(index)"
        let below = name.isEmpty || path.isEmpty ? path + name : "\(path).\(name)"
        // Numbers cannot hold a layer, and there may be millions of them.
        return child.value is Tensor<Scalar> || child.value is [Scalar]
          ? [] : unlisted(in: child.value, path: below, listed: listed)
      }
    default: return []
    }
  }
}
