/// The names that a pickle of tensors needs. There is no other way to name a
/// Python object here: what is not in this list is refused where it is named.
enum PickleGlobal: Sendable, Equatable {
  case orderedDictionary
  case size
  case rebuildTensor
  case rebuildTypedTensor
  case rebuildParameter
  /// `torch.FloatStorage` and its kin; nil for the untyped one.
  case storage(StoredElementType?)
  /// `torch.float32` and its kin.
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
