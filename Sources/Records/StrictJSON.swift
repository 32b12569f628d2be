import Foundation

/// One JSON value, read strictly: pairs in the file's order, keys kept exactly.
///
/// Vocabularies have keys that differ only in how accents are encoded, which Swift's
/// dictionaries take for equal. `StrictJSON.Reader` reads the same language without
/// building values.
package enum StrictJSON {
  case object([(key: String, value: StrictJSON)])
  case array([StrictJSON])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  /// The fault in a phrase, with the position of the byte where it was found.
  package struct Failure: Error {
    package var found: String

    package init(found: String) { self.found = found }
  }

  /// How deep values may be nested.
  package static let mostLevels = 64

  /// - Throws: `Failure` for anything that is not one JSON value.
  package init(parsing bytes: some ContiguousBytes) throws {
    self = try bytes.withUnsafeBytes { buffer in
      var reader = Reader(buffer)
      let value = try Self(reader: &reader, level: 0)
      try reader.expectEnd()
      return value
    }
  }

  /// The value of a key of an object, the first where it occurs twice; nil where there
  /// is none.
  package subscript(key: String) -> StrictJSON? { pairs?.first { $0.key == key }?.value }

  package var text: String? { if case .string(let text) = self { text } else { nil } }
  package var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var items: [StrictJSON]? { if case .array(let items) = self { items } else { nil } }
  package var pairs: [(key: String, value: StrictJSON)]? {
    if case .object(let pairs) = self { pairs } else { nil }
  }
  package var integer: Int? {
    if case .number(let number) = self { Int(exactly: number) } else { nil }
  }

  private init(reader: inout Reader, level: Int) throws {
    guard level < Self.mostLevels else {
      throw reader.failure("more than \(Self.mostLevels) levels")
    }
    switch reader.nextByte() {
    case UInt8(ascii: "{"):
      var pairs: [(key: String, value: StrictJSON)] = []
      try reader.object { reader, key in
        pairs.append((key, try StrictJSON(reader: &reader, level: level + 1)))
      }
      self = .object(pairs)
    case UInt8(ascii: "["):
      var items: [StrictJSON] = []
      try reader.array { items.append(try StrictJSON(reader: &$0, level: level + 1)) }
      self = .array(items)
    case UInt8(ascii: "\""): self = .string(try reader.string())
    case UInt8(ascii: "t"):
      try reader.word("true")
      self = .bool(true)
    case UInt8(ascii: "f"):
      try reader.word("false")
      self = .bool(false)
    case UInt8(ascii: "n"):
      try reader.word("null")
      self = .null
    default:
      guard let number = Double(try reader.number()) else { throw reader.failure("no number") }
      self = .number(number)
    }
  }
}

extension StrictJSON {
  /// Reads JSON from the first byte to the last, part by part, as its caller expects it
  /// (RFC 8259; text in UTF-8). White space between parts is skipped.
  package struct Reader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package func failure(_ what: String) -> Failure {
      Failure(found: "\(what) at byte \(position)")
    }

    /// The byte that the next part begins with; nil at the end.
    package mutating func nextByte() -> UInt8? {
      while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
      return peek()
    }

    /// Reads an object: `value` reads each key's value.
    package mutating func object(_ value: (inout Reader, String) throws -> Void) throws {
      try expect("{")
      if accept("}") { return }
      repeat {
        let key = try string()
        try expect(":")
        try value(&self, key)
      } while accept(",")
      try expect("}")
    }

    /// Reads an array: `item` reads each item.
    package mutating func array(_ item: (inout Reader) throws -> Void) throws {
      try expect("[")
      if accept("]") { return }
      repeat { try item(&self) } while accept(",")
      try expect("]")
    }

    package mutating func string() throws -> String {
      try expect("\"")
      // The part before `start`, where there was an escape.
      var text: [UInt8] = []
      var start = position
      while let byte = peek() {
        switch byte {
        case UInt8(ascii: "\""):
          text += bytes[start..<position]
          guard let string = String(validating: text, as: UTF8.self) else {
            throw failure("a string that is not UTF-8")
          }
          position += 1
          return string
        case UInt8(ascii: "\\"):
          text += bytes[start..<position]
          position += 1
          try escape(into: &text)
          start = position
        case 0..<0x20: throw failure("a control character inside a string")
        default: position += 1
        }
      }
      throw failure("a string without an end")
    }

    /// A number as it is written: `-1.5e3`.
    package mutating func number() throws -> String {
      _ = nextByte()
      let start = position
      if peek() == UInt8(ascii: "-") { position += 1 }
      let first = position
      try digits()
      guard bytes[first] != UInt8(ascii: "0") || position == first + 1 else {
        throw failure("a number with leading zeros")
      }
      if peek() == UInt8(ascii: ".") {
        position += 1
        try digits()
      }
      if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
        position += 1
        if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
        try digits()
      }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws {
      let start = position
      while let byte = peek(), (0x30...0x39).contains(byte) { position += 1 }
      guard position > start else { throw failure("no number") }
    }

    /// `true`, `false` or `null`.
    package mutating func word(_ word: String) throws {
      _ = nextByte()
      for byte in word.utf8 {
        guard peek() == byte else { throw failure("no '\(word)'") }
        position += 1
      }
    }

    package mutating func expectEnd() throws {
      guard nextByte() == nil else { throw failure("text after the end") }
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
      guard nextByte() == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
      guard accept(character) else { throw failure("no '\(Character(character))'") }
    }

    private mutating func escape(into text: inout [UInt8]) throws {
      guard let byte = peek() else { throw failure("a string without an end") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
          position += 2
          let low = try hexadecimal()
          guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
          code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
        text += Array(String(scalar).utf8)
      default: throw failure("an unknown escape")
      }
    }

    private mutating func hexadecimal() throws -> UInt32 {
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
  }
}
