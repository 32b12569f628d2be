/// JSON with its keys kept exactly: vocabularies hold strings that differ only
/// in how their accents are encoded, which Swift's dictionaries take for equal.
enum ExactJSON {
  case object([(key: String, value: ExactJSON)])
  case array([ExactJSON])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  /// What is wrong, in a phrase.
  struct Failure: Error {
    var found: String
  }

  /// - Throws: `Failure` for anything that is not one JSON value.
  init(parsing bytes: [UInt8]) throws {
    self = try bytes.withUnsafeBufferPointer { buffer in
      var parser = Parser(bytes: buffer)
      let value = try parser.value(depth: 0)
      parser.skipSpace()
      guard parser.position == buffer.count else { throw parser.failure("text after the end") }
      return value
    }
  }

  /// The value of a key of an object; nil where there is none.
  subscript(key: String) -> ExactJSON? {
    guard case .object(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  var items: [ExactJSON]? { if case .array(let items) = self { items } else { nil } }
  var pairs: [(key: String, value: ExactJSON)]? {
    if case .object(let pairs) = self { pairs } else { nil }
  }
  var integer: Int? {
    if case .number(let number) = self { Int(exactly: number) } else { nil }
  }

  private struct Parser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    func failure(_ what: String) -> Failure { Failure(found: "\(what) at byte \(position)") }

    mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
        position += 1
      }
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
      skipSpace()
      guard position < bytes.count, bytes[position] == byte else { return false }
      position += 1
      return true
    }

    private mutating func expect(_ byte: UInt8) throws {
      guard accept(byte) else { throw failure("no '\(Character(Unicode.Scalar(byte)))'") }
    }

    mutating func value(depth: Int) throws -> ExactJSON {
      guard depth < 64 else { throw failure("more than 64 levels") }
      skipSpace()
      guard position < bytes.count else { throw failure("an early end") }
      switch bytes[position] {
      case UInt8(ascii: "{"):
        position += 1
        var pairs: [(key: String, value: ExactJSON)] = []
        if accept(UInt8(ascii: "}")) { return .object(pairs) }
        repeat {
          skipSpace()
          let key = try string()
          try expect(UInt8(ascii: ":"))
          pairs.append((key, try value(depth: depth + 1)))
        } while accept(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return .object(pairs)
      case UInt8(ascii: "["):
        position += 1
        var items: [ExactJSON] = []
        if accept(UInt8(ascii: "]")) { return .array(items) }
        repeat { items.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return .array(items)
      case UInt8(ascii: "\""): return .string(try string())
      default: return try word()
      }
    }

    private mutating func word() throws -> ExactJSON {
      let start = position
      while position < bytes.count, !Array(" \n\r\t,]}:".utf8).contains(bytes[position]) {
        position += 1
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      switch text {
      case "true": return .bool(true)
      case "false": return .bool(false)
      case "null": return .null
      default:
        guard let number = Double(text) else { throw failure("'\(text.prefix(20))'") }
        return .number(number)
      }
    }

    private mutating func string() throws -> String {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw failure("no string")
      }
      position += 1
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
        bytes[position] != UInt8(ascii: "\\")
      {
        position += 1
      }
      var text = Array(bytes[start..<position])
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\"") {
          guard let string = String(validating: text, as: UTF8.self) else {
            throw failure("a string that is not UTF-8")
          }
          return string
        }
        if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
      }
      throw failure("a string without an end")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
      guard position < bytes.count else { throw failure("a string without an end") }
      let byte = bytes[position]
      position += 1
      let plain: [UInt8: UInt8] = [
        0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
        0x74: 0x09,
      ]
      if let character = plain[byte] {
        text.append(character)
        return
      }
      guard byte == UInt8(ascii: "u") else { throw failure("an unknown escape") }
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
      text += Array(String(scalar).utf8)
    }

    private mutating func hexadecimal() throws -> UInt32 {
      guard position + 4 <= bytes.count,
        let code = UInt32(
          String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
      else { throw failure("an escape without four hexadecimal digits") }
      position += 4
      return code
    }
  }
}
