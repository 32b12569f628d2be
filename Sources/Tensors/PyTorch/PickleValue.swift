/// What a checkpoint's pickle can build. Containers are places in the machine's
/// heap, so that a value that holds itself, or is nested a million deep, costs
/// no more than its bytes and is freed without recursion.
enum PickleValue: Sendable {
  case none
  case bool
  case integer(Int)
  case float
  case string(String)
  case bytes
  /// What MARK leaves on the stack.
  case mark
  case list(Int)
  case tuple(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// In words, for messages.
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
    /// Whether it holds the attributes of a TorchScript module.
    var isModule = false
  }

  /// A block of elements in an entry of its own.
  struct Storage: Sendable {
    /// Nil for one without a type: bytes.
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
