import Tensors

/// A model's computation as an ONNX graph, written operation by operation as its layers are.
///
/// Weights keep their own names and shapes. A graph is made for one video: what the layers
/// compute as [B, T, D] is [T, D] here, so no row is padding unless a model sees it
/// (`ONNXSequence`).
public final class ONNXGraph {
  /// The version of the operations (2021); files of it name the format 8.
  package static let operatorSet = 17
  package static let formatVersion = 8

  private let names: [ObjectIdentifier: String]
  private var nodes: [ONNXNode] = []
  private var constants: [(name: String, value: ONNXConstant)] = []
  private var known: [String: ONNXValue] = [:]
  private var counts: [String: Int] = [:]
  private var inputs: [ONNXPort] = []
  private var outputs: [ONNXPort] = []
  /// The parameters and buffers that what was written so far reads, in the order of their first
  /// use.
  public private(set) var tensorNames: [String] = []
  /// The most rows that a video may have; nil where any number will do.
  public internal(set) var mostRows: Int?

  /// - Parameter module: the model whose parameters and buffers the layers read.
  public init(of module: some Module) {
    names = Dictionary(
      module.namedParameters.map { (ObjectIdentifier($0.variable), $0.name) }
        + module.namedBuffers.map { (ObjectIdentifier($0.buffer), $0.name) },
      uniquingKeysWith: { first, _ in first })
  }

  // MARK: - Inputs, outputs, constants

  /// An input of the graph.
  public func input(_ name: String, shape: [ONNXExtent], documentation: String) -> ONNXValue {
    inputs.append(ONNXPort(name: name, shape: shape, documentation: documentation))
    return ONNXValue(graph: self, name: name)
  }

  /// Makes a value an output of the graph, under a name of its own.
  public func output(
    _ value: ONNXValue, named name: String, shape: [ONNXExtent], documentation: String
  ) {
    nodes.append(
      ONNXNode(
        name: name, operation: "Identity", inputs: [value.name], outputs: [name], attributes: []))
    outputs.append(ONNXPort(name: name, shape: shape, documentation: documentation))
  }

  /// A parameter of the model, under its own name.
  ///
  /// - Precondition: the module of `init(of:)` lists it.
  public func parameter<Scalar>(_ variable: Variable<Scalar>) -> ONNXValue {
    constant(use(variable), variable.value.converted(to: Float.self))
  }

  /// A buffer of the model, under its own name.
  ///
  /// - Precondition: the module of `init(of:)` lists it.
  public func buffer<Scalar>(_ buffer: Buffer<Scalar>) -> ONNXValue {
    constant(use(buffer), buffer.value.converted(to: Float.self))
  }

  /// Notes a parameter or buffer as read, for one that a constant is made of; gives its name.
  @discardableResult
  public func use(_ tensor: AnyObject) -> String {
    guard let name = names[ObjectIdentifier(tensor)] else {
      preconditionFailure("a \(type(of: tensor)) that the model does not list")
    }
    if !tensorNames.contains(name) { tensorNames.append(name) }
    return name
  }

  /// Numbers under a name; the same name gives the same constant.
  public func constant(_ name: String, _ tensor: Tensor<Float>) -> ONNXValue {
    constant(name, .floats(tensor))
  }

  /// A number.
  public func constant(_ value: Float) -> ONNXValue {
    constant("constant.\(value)", Tensor(shape: [], scalars: [value]))
  }

  /// Whole numbers: extents, axes, positions.
  public func constant(_ values: [Int]) -> ONNXValue {
    constant("constant." + values.map(String.init).joined(separator: "_") + "i", .integers(values))
  }

  private func constant(_ name: String, _ value: ONNXConstant) -> ONNXValue {
    if let there = known[name] { return there }
    constants.append((name, value))
    let made = ONNXValue(graph: self, name: name)
    known[name] = made
    return made
  }

  // MARK: - Nodes

  /// A node with one result. It is named after the parameter that it reads, or its operation.
  public func node(
    _ operation: String, _ inputs: [ONNXValue], _ attributes: [(String, ONNXAttribute)] = []
  ) -> ONNXValue {
    nodes(operation, inputs, results: 1, attributes)[0]
  }

  /// A node with several results.
  public func nodes(
    _ operation: String, _ inputs: [ONNXValue], results: Int,
    _ attributes: [(String, ONNXAttribute)] = []
  ) -> [ONNXValue] {
    let parameter = inputs.first { tensorNames.contains($0.name) }?.name ?? ""
    let base = (parameter.split(separator: ".").dropLast() + [Substring(operation)])
      .joined(separator: ".")
    let number = counts[base, default: 0]
    counts[base] = number + 1
    let name = number == 0 && base != operation ? base : "\(base).\(number)"
    let outputs = results == 1 ? [name + ".y"] : (0..<results).map { "\(name).y\($0)" }
    nodes.append(
      ONNXNode(
        name: name, operation: operation, inputs: inputs.map(\.name), outputs: outputs,
        attributes: attributes))
    return outputs.map { ONNXValue(graph: self, name: $0) }
  }

  // MARK: - The file

  /// The bytes of an .onnx file. Equal graphs and texts give equal bytes.
  ///
  /// - Parameters:
  ///   - metadata: what readers find beside the graph, by key.
  ///   - producer: the version of the program that writes it.
  public func encoded(
    name: String, documentation: String, metadata: [String: String], producer: String
  ) -> [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, Self.formatVersion)
    model.string(2, "kess")
    model.string(3, producer)
    model.string(6, documentation)
    model.message(7) { graph in
      for node in nodes { graph.message(1) { node.write(to: &$0) } }
      graph.string(2, name)
      for (name, value) in constants { graph.message(5) { value.write(named: name, to: &$0) } }
      for port in inputs { graph.message(11) { port.write(to: &$0) } }
      for port in outputs { graph.message(12) { port.write(to: &$0) } }
    }
    model.message(8) {
      $0.string(1, "")
      $0.integer(2, Self.operatorSet)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      model.message(14) {
        $0.string(1, key)
        $0.string(2, value)
      }
    }
    return model.bytes
  }
}
