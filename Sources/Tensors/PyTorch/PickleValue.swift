/// The values that a checkpoint's pickle can build. Containers are positions in the
/// machine's heap, so that a value that contains itself, or is nested a million levels
/// deep, costs no more than its bytes and is freed without recursion.
enum PickleValue: Sendable {
  case none
  case bool
  case integer(Int)
  case float
  case string(String)
  case bytes
  /// The mark of the code MARK.
  case mark
  case list(Int)
  case tuple(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// The kind in words, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer: "a whole number"
    case .float: "a number"
    case .string: "a string"
    case .bytes: "bytes"
    case .mark: "a mark"
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .global(let global): "'\(global.name)'"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The containers and tensors that a pickle's values point to.
struct PickleHeap: Sendable {
  struct Dictionary: Sendable {
    var pairs: [(key: PickleValue, value: PickleValue)] = []
    /// Whether it contains the attributes of a TorchScript module.
    var isModule = false
  }

  /// A block of elements in an entry of its own.
  struct Storage: Sendable {
    /// Nil for an untyped storage: bytes.
    var elementType: StoredElementType?
    /// The entry's name under `data/`.
    var key: String
    /// In elements.
    var count: Int
  }

  /// A view of a storage.
  struct View: Sendable {
    var storage: Int
    var elementType: StoredElementType
    /// In elements, as are the strides.
    var offset: Int
    var shape: [Int]
    var strides: [Int]
  }

  var lists: [[PickleValue]] = []
  var tuples: [[PickleValue]] = []
  var dictionaries: [Dictionary] = []
  var storages: [Storage] = []
  var views: [View] = []
}

/// The names that a pickle of tensors needs. There is no other way to name a Python
/// object here: the machine refuses every name that is not in this list.
enum PickleGlobal: Sendable, Equatable {
  case orderedDictionary
  case size
  case rebuildTensor
  case rebuildTypedTensor
  case rebuildParameter
  /// `torch.FloatStorage` and the other storages; nil for the untyped one.
  case storage(StoredElementType?)
  /// `torch.float32` and the other types.
  case elementType(StoredElementType)
  /// A TorchScript module's class: only its attributes are read.
  case module
  /// TorchScript's typed lists.
  case typedList

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .storage(nil)
    case ("torch", _):
      if let type = Self.storages[name] {
        self = .storage(type)
      } else if let type = Self.elementTypes[name] {
        self = .elementType(type)
      } else {
        return nil
      }
    case ("torch.jit._pickle", "build_intlist"), ("torch.jit._pickle", "build_doublelist"),
      ("torch.jit._pickle", "build_boollist"), ("torch.jit._pickle", "build_tensorlist"):
      self = .typedList
    default:
      guard module == "__torch__" || module.hasPrefix("__torch__.") else { return nil }
      self = .module
    }
  }

  /// For messages.
  var name: String {
    switch self {
    case .orderedDictionary: "OrderedDict"
    case .size: "torch.Size"
    case .rebuildTensor, .rebuildTypedTensor: "_rebuild_tensor"
    case .rebuildParameter: "_rebuild_parameter"
    case .storage: "a storage type"
    case .elementType(let type): type.rawValue
    case .module: "a TorchScript class"
    case .typedList: "a TorchScript list"
    }
  }

  private static let storages: [String: StoredElementType] = [
    "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "DoubleStorage": .float64, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    "ComplexFloatStorage": .complex64,
  ]

  private static let elementTypes: [String: StoredElementType] = [
    "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "float64": .float64,
    "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8, "uint8": .uint8,
    "uint16": .uint16, "uint32": .uint32, "uint64": .uint64, "bool": .bool,
    "complex64": .complex64, "float8_e5m2": .float8e5m2, "float8_e4m3fn": .float8e4m3,
    "float8_e8m0fnu": .float8e8m0,
  ]
}
