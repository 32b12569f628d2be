/// Reads the JSON of a safetensors header: an object of objects, with the one
/// exception `__metadata__` (strings to strings).
///
/// By hand, because a general JSON reader keeps the last of two equal keys and
/// turns large integers into floating point; here both are findings.
struct SafetensorsHeaderParser {
  /// One tensor as the header states it, before any check against the file.
  struct Entry {
    var name: String
    var elementType: String
    var shape: [Int]
    var offsets: [Int]
  }

  /// What is wrong, in a phrase, with the byte where it was noticed.
  struct Failure: Error {
    var found: String
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// - Throws: `Failure` for anything that is not such a header.
  mutating func parse() throws -> (entries: [Entry], metadata: [String: String]) {
    var entries: [Entry] = []
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    try parseObject { parser, key in
      guard names.insert(key).inserted else {
        throw Failure(found: "'\(key)' appears twice")
      }
      if key == "__metadata__" {
        try parser.parseObject { parser, key in
          guard metadata.updateValue(try parser.parseString(), forKey: key) == nil else {
            throw Failure(found: "metadata '\(key)' appears twice")
          }
        }
      } else {
        entries.append(try parser.parseEntry(name: key))
      }
    }
    skipSpace()
    guard position == bytes.count else { throw failure("text after the closing brace") }
    return (entries, metadata)
  }

  private mutating func parseEntry(name: String) throws -> Entry {
    var elementType: String?
    var shape: [Int]?
    var offsets: [Int]?
    try parseObject { parser, key in
      switch key {
      case "dtype" where elementType == nil: elementType = try parser.parseString()
      case "shape" where shape == nil: shape = try parser.parseIntegers(of: name)
      case "data_offsets" where offsets == nil: offsets = try parser.parseIntegers(of: name)
      case "dtype", "shape", "data_offsets":
        throw Failure(found: "tensor '\(name)' has '\(key)' twice")
      default: throw Failure(found: "tensor '\(name)' has an unknown key '\(key)'")
      }
    }
    guard let elementType, let shape, let offsets else {
      let missing =
        elementType == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw Failure(found: "tensor '\(name)' has no '\(missing)'")
    }
    return Entry(name: name, elementType: elementType, shape: shape, offsets: offsets)
  }

  private mutating func parseObject(
    _ value: (inout SafetensorsHeaderParser, String) throws -> Void
  ) throws {
    try expect(UInt8(ascii: "{"))
    skipSpace()
    if accept(UInt8(ascii: "}")) { return }
    repeat {
      skipSpace()
      let key = try parseString()
      try expect(UInt8(ascii: ":"))
      skipSpace()
      try value(&self, key)
      skipSpace()
    } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  private mutating func parseIntegers(of name: String) throws -> [Int] {
    var list: [Int] = []
    try expect(UInt8(ascii: "["))
    skipSpace()
    if accept(UInt8(ascii: "]")) { return list }
    repeat {
      skipSpace()
      let start = position
      var value = 0
      while let digit = peek(), digit >= 0x30, digit <= 0x39 {
        let (times, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = times.addingReportingOverflow(Int(digit - 0x30))
        guard !overflow, !carry else {
          throw Failure(found: "tensor '\(name)' has a number past 2^63")
        }
        value = sum
        position += 1
      }
      guard position > start else {
        throw Failure(found: "tensor '\(name)' has a number that is not a whole positive one")
      }
      list.append(value)
      skipSpace()
    } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return list
  }

  private mutating func parseString() throws -> String {
    try expect(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a name that is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try parseEscape(into: &text)
      case 0..<0x20: throw failure("a control character inside a name")
      default: text.append(byte)
      }
    }
    throw failure("a name without an end")
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws {
    guard let byte = peek() else { throw failure("a name without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try parseHexadecimal()
      if (0xD800..<0xDC00).contains(code), accept(UInt8(ascii: "\\")), accept(UInt8(ascii: "u")) {
        let low = try parseHexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
      text += Array(String(scalar).utf8)
    default: throw failure("an unknown escape")
    }
  }

  private mutating func parseHexadecimal() throws -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape without four hexadecimal digits")
      }
      position += 1
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws {
    skipSpace()
    guard accept(byte) else {
      throw failure("no '\(Character(Unicode.Scalar(byte)))'")
    }
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func failure(_ what: String) -> Failure {
    Failure(found: "\(what) at byte \(position) of the header")
  }
}
