import Tensors

// The messages of ONNX files (onnx.proto of the ONNX project), as far as a detector needs them.
// Fields are written in the order of their numbers, as Protocol Buffers' own libraries do.

/// An attribute of a node.
public enum ONNXAttribute: Sendable, Equatable {
  case integer(Int)
  case integers([Int])
  case float(Float)
  case text(String)

  /// AttributeProto.
  func write(named name: String, to message: inout ProtobufWriter) {
    message.string(1, name)
    switch self {
    case .float(let value):
      message.float(2, value)
      message.integer(20, 1)
    case .integer(let value):
      message.integer(3, value)
      message.integer(20, 2)
    case .text(let value):
      message.string(4, value)
      message.integer(20, 3)
    case .integers(let values):
      for value in values { message.integer(8, value) }
      message.integer(20, 7)
    }
  }
}

/// A node: what is computed of which values.
struct ONNXNode {
  var name: String
  var operation: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [(name: String, value: ONNXAttribute)]

  /// NodeProto.
  func write(to message: inout ProtobufWriter) {
    for input in inputs { message.string(1, input) }
    for output in outputs { message.string(2, output) }
    message.string(3, name)
    message.string(4, operation)
    for attribute in attributes {
      message.message(5) { attribute.value.write(named: attribute.name, to: &$0) }
    }
  }
}

/// Numbers that are stored in the graph: weights and constants.
enum ONNXConstant {
  case floats(Tensor<Float>)
  case integers([Int])

  /// TensorProto; numbers are little-endian, as on every machine that this runs on.
  func write(named name: String, to message: inout ProtobufWriter) {
    let (shape, type, bytes) = stored
    for extent in shape { message.integer(1, extent) }
    message.integer(2, type)
    message.string(8, name)
    message.data(9, bytes)
  }

  private var stored: (shape: [Int], type: Int, bytes: [UInt8]) {
    switch self {
    case .floats(let tensor):
      (tensor.shape, ONNXElement.float32, tensor.scalars.withUnsafeBytes { Array($0) })
    case .integers(let values):
      ([values.count], ONNXElement.int64, values.withUnsafeBytes { Array($0) })
    }
  }
}

/// TensorProto.DataType.
enum ONNXElement {
  static let float32 = 1
  static let int64 = 7
}

/// An extent of an input or output: a number, or a name for what is known only when it runs.
public enum ONNXExtent: Sendable, Equatable {
  case fixed(Int)
  case named(String)
}

/// An input or output of the whole graph: single-precision numbers.
struct ONNXPort {
  var name: String
  var shape: [ONNXExtent]
  var documentation: String

  /// ValueInfoProto with a TypeProto.Tensor.
  func write(to message: inout ProtobufWriter) {
    message.string(1, name)
    message.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, ONNXElement.float32)
        tensor.message(2) { shape in
          for extent in self.shape {
            shape.message(1) {
              switch extent {
              case .fixed(let value): $0.integer(1, value)
              case .named(let name): $0.string(2, name)
              }
            }
          }
        }
      }
    }
    message.string(3, documentation)
  }
}
