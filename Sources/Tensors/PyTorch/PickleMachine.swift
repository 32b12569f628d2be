/// Runs the stack machine of Python's pickle format (protocols 0 to 5, PEP 307
/// and 3154) as far as tensors need it. It calls no Python code: the few callables that
/// it knows are cases of `PickleGlobal`.
///
/// Memory is bounded by `maximumValues`; every length in the file is compared with the
/// number of bytes present before use.
struct PickleMachine {
  /// The refused or damaged part, in a phrase.
  struct Failure: Error {
    var found: String
    /// Whether the file is damaged; false where it contains more than tensors.
    var isDamage = true
  }

  /// The most values that a pickle may push.
  static let maximumValues = 1 << 21
  /// The length limit of pickles, in bytes.
  static let maximumBytes = 32 << 20

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var stack: [PickleValue] = []
  private var memo: [Int: PickleValue] = [:]
  private var pushed = 0
  /// The containers and tensors that values point to.
  var heap = PickleHeap()

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The value that the pickle builds.
  ///
  /// - Throws: `Failure`.
  mutating func run() throws -> PickleValue {
    guard bytes.count <= Self.maximumBytes else {
      throw Failure(found: "a pickle of \(bytes.count) bytes, more than \(Self.maximumBytes)")
    }
    while true {
      let start = position
      let code = try number(UInt8.self)
      if code == UInt8(ascii: ".") { return try pop() }
      guard try pushConstant(code) || pushContainer(code) || change(code) else {
        throw Failure(
          found: "the pickle code 0x\(String(code, radix: 16)) at byte \(start), which tensors "
            + "do not need", isDamage: false)
      }
    }
  }

  // MARK: constants

  private mutating func pushConstant(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: "N"): try push(.none)
    case 0x88, 0x89: try push(.bool)
    case UInt8(ascii: "J"): try push(.integer(Int(try number(Int32.self))))
    case UInt8(ascii: "K"): try push(.integer(Int(try number(UInt8.self))))
    case UInt8(ascii: "M"): try push(.integer(Int(try number(UInt16.self))))
    case 0x8A: try push(.integer(try longInteger(byteCount: Int(try number(UInt8.self)))))
    case UInt8(ascii: "G"):
      _ = try number(UInt64.self)
      try push(.float)
    case UInt8(ascii: "X"): try push(.string(try text(UInt64(try number(UInt32.self)))))
    case 0x8C: try push(.string(try text(UInt64(try number(UInt8.self)))))
    case 0x8D: try push(.string(try text(try number(UInt64.self))))
    // Bytes, and the byte strings of Python 2.
    case UInt8(ascii: "B"), UInt8(ascii: "T"): try pushBytes(UInt64(try number(UInt32.self)))
    case UInt8(ascii: "C"), UInt8(ascii: "U"): try pushBytes(UInt64(try number(UInt8.self)))
    case 0x8E: try pushBytes(try number(UInt64.self))
    case UInt8(ascii: "c"):
      let module = try line()
      try pushGlobal(module: module, name: try line())
    case 0x93:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw Failure(found: "a global that is not named by two strings")
      }
      try pushGlobal(module: module, name: name)
    default: return false
    }
    return true
  }

  private mutating func pushBytes(_ count: UInt64) throws {
    _ = try take(count)
    try push(.bytes)
  }

  private mutating func pushGlobal(module: String, name: String) throws {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw Failure(found: "it names '\(module).\(name)'", isDamage: false)
    }
    try push(.global(global))
  }

  // MARK: containers

  private mutating func pushContainer(_ code: UInt8) throws -> Bool {
    switch code {
    case UInt8(ascii: ")"): try push(tuple([]))
    case 0x85...0x87:
      let count = Int(code - 0x84)
      guard stack.count >= count else { throw Self.underflow }
      let items = Array(stack.suffix(count))
      stack.removeLast(count)
      try push(tuple(items))
    case UInt8(ascii: "t"): try push(tuple(try popToMark()))
    case UInt8(ascii: "]"): try push(list([]))
    case UInt8(ascii: "l"): try push(list(try popToMark()))
    case UInt8(ascii: "}"): try push(dictionary([]))
    case UInt8(ascii: "d"): try push(dictionary(try popToMark()))
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try setItems([try pop(), value])
    case UInt8(ascii: "u"): try setItems(try popToMark())
    default: return false
    }
    return true
  }

  mutating func tuple(_ items: [PickleValue]) -> PickleValue {
    heap.tuples.append(items)
    return .tuple(heap.tuples.count - 1)
  }

  mutating func list(_ items: [PickleValue]) -> PickleValue {
    heap.lists.append(items)
    return .list(heap.lists.count - 1)
  }

  /// - Parameter items: keys and values in turn.
  mutating func dictionary(_ items: [PickleValue]) throws -> PickleValue {
    heap.dictionaries.append(PickleHeap.Dictionary())
    let place = heap.dictionaries.count - 1
    try set(items, in: place)
    return .dictionary(place)
  }

  private mutating func append(_ items: [PickleValue]) throws {
    guard case .list(let place)? = stack.last else {
      throw Failure(found: "items appended to a value that is not a list")
    }
    heap.lists[place] += items
  }

  private mutating func setItems(_ items: [PickleValue]) throws {
    guard case .dictionary(let place)? = stack.last else {
      throw Failure(found: "items set in a value that is not a dictionary")
    }
    try set(items, in: place)
  }

  private mutating func set(_ items: [PickleValue], in place: Int) throws {
    guard items.count.isMultiple(of: 2) else {
      throw Failure(found: "a dictionary key without its value")
    }
    for index in stride(from: 0, to: items.count, by: 2) {
      heap.dictionaries[place].pairs.append((items[index], items[index + 1]))
    }
  }

  // MARK: stack, memo and calls

  private mutating func change(_ code: UInt8) throws -> Bool {
    switch code {
    case 0x80:
      let version = try number(UInt8.self)
      guard version <= 5 else { throw Failure(found: "pickle protocol \(version)") }
    // A frame's length is a hint for readers that read ahead.
    case 0x95: _ = try number(UInt64.self)
    case UInt8(ascii: "("): try push(.mark)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): try push(try top())
    case UInt8(ascii: "q"): memo[Int(try number(UInt8.self))] = try top()
    case UInt8(ascii: "r"): memo[Int(try number(UInt32.self))] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(Int(try number(UInt8.self)))
    case UInt8(ascii: "j"): try recall(Int(try number(UInt32.self)))
    case UInt8(ascii: "Q"): try push(try storage(named: try pop()))
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      guard case .tuple(let place) = arguments, case .global(let global) = try pop() else {
        throw Failure(found: "a call that is not a name with its arguments")
      }
      try push(try call(global, heap.tuples[place]))
    case UInt8(ascii: "b"):
      let state = try pop()
      guard case .dictionary(let place) = try top() else {
        throw Failure(found: "a state for a value that is neither a dictionary nor a module")
      }
      // A dictionary's state is attributes that are not its items (_metadata).
      if heap.dictionaries[place].isModule, case .dictionary(let attributes) = state {
        heap.dictionaries[place].pairs += heap.dictionaries[attributes].pairs
        try count(heap.dictionaries[attributes].pairs.count)
      }
    default: return false
    }
    return true
  }

  private mutating func recall(_ index: Int) throws {
    guard let value = memo[index] else {
      throw Failure(found: "the memo entry \(index), which was never set")
    }
    try push(value)
  }

  private mutating func count(_ values: Int) throws {
    pushed += values
    guard pushed <= Self.maximumValues else {
      throw Failure(found: "more than \(Self.maximumValues) values")
    }
  }

  private mutating func push(_ value: PickleValue) throws {
    try count(1)
    stack.append(value)
  }

  private static let underflow = Failure(found: "a value taken from an empty stack")

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private func top() throws -> PickleValue {
    guard let value = stack.last else { throw Self.underflow }
    if case .mark = value { throw Failure(found: "a mark in place of a value") }
    return value
  }

  private mutating func popToMark() throws -> [PickleValue] {
    var start = stack.count
    while start > 0 {
      if case .mark = stack[start - 1] {
        let items = Array(stack[start...])
        stack.removeLast(items.count + 1)
        return items
      }
      start -= 1
    }
    throw Failure(found: "no mark on the stack")
  }

  // MARK: bytes

  private mutating func take(_ count: UInt64) throws -> Slice<UnsafeRawBufferPointer> {
    guard count <= UInt64(bytes.count - position) else {
      throw Failure(found: "\(count) bytes at byte \(position) of a pickle of \(bytes.count)")
    }
    defer { position += Int(count) }
    return bytes[position..<position + Int(count)]
  }

  private mutating func number<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type)
    throws -> Value
  {
    let slice = try take(UInt64(MemoryLayout<Value>.size))
    return Value(
      littleEndian: bytes.loadUnaligned(fromByteOffset: slice.startIndex, as: Value.self))
  }

  private mutating func longInteger(byteCount: Int) throws -> Int {
    let digits = try take(UInt64(byteCount))
    guard byteCount <= 8 else { throw Failure(found: "a whole number of \(byteCount) bytes") }
    // Two's complement: the last byte's sign fills the rest.
    var value = (digits.last ?? 0) & 0x80 == 0 ? 0 : -1
    for digit in digits.reversed() { value = value << 8 | Int(digit) }
    return value
  }

  private mutating func text(_ count: UInt64) throws -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw Failure(found: "a string before byte \(position) that is not UTF-8")
    }
    return text
  }

  private mutating func line() throws -> String {
    guard let end = bytes[position...].prefix(1024).firstIndex(of: 0x0A) else {
      throw Failure(found: "a name without an end at byte \(position)")
    }
    defer { position = end + 1 }
    guard let line = String(validating: bytes[position..<end], as: UTF8.self) else {
      throw Failure(found: "a name at byte \(position) that is not UTF-8")
    }
    return line
  }
}
