/// The header of a NumPy array file: a Python dictionary literal of exactly
/// `descr`, `fortran_order` and `shape`.
struct NpyHeader {
  private(set) var elementType = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []
  /// Where the elements begin, in bytes from the start of the file.
  let dataStart: Int

  /// - Throws: `TensorError.damagedHeader`, or `.unsupportedArray` for
  ///   structured elements.
  init(_ file: UnsafeRawBufferPointer, path: String) throws {
    func damaged(_ found: String) -> TensorError { .damagedHeader(path: path, found: found) }
    guard file.count >= 10, file[0] == 0x93, file[1..<6].elementsEqual("NUMPY".utf8) else {
      throw damaged("it does not begin as a .npy file")
    }
    let version = file[6]
    guard (1...3).contains(version) else { throw damaged("format version \(version)") }
    let textStart = version == 1 ? 10 : 12
    guard file.count >= textStart else { throw damaged("it ends within the header") }
    let length =
      version == 1
      ? Int(UInt16(littleEndian: file.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
      : Int(UInt32(littleEndian: file.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    guard length <= file.count - textStart else { throw damaged("it ends within the header") }
    dataStart = textStart + length
    var scanner = Scanner(text: Array(file[textStart..<dataStart]))
    do {
      try parse(&scanner)
    } catch let failure as Scanner.Failure {
      guard !failure.isStructured else {
        throw TensorError.unsupportedArray(
          path: path, found: "structured elements",
          remedy: "save one field as a plain array")
      }
      throw damaged(failure.found)
    }
  }

  private mutating func parse(_ scanner: inout Scanner) throws {
    var seen: Set<String> = []
    try scanner.expect("{")
    while !scanner.accept("}") {
      let key = try scanner.string()
      guard seen.insert(key).inserted else {
        throw Scanner.Failure(found: "'\(key)' appears twice")
      }
      try scanner.expect(":")
      switch key {
      case "descr":
        guard !scanner.accept("[") else {
          throw Scanner.Failure(found: "structured elements", isStructured: true)
        }
        elementType = try scanner.string()
      case "fortran_order":
        let word = scanner.word()
        guard word == "True" || word == "False" else {
          throw Scanner.Failure(found: "fortran_order '\(word)'")
        }
        isFortranOrder = word == "True"
      case "shape": shape = try scanner.extents()
      default: throw Scanner.Failure(found: "an unknown key '\(key)'")
      }
      if !scanner.accept(",") {
        try scanner.expect("}")
        break
      }
    }
    for key in ["descr", "fortran_order", "shape"] where !seen.contains(key) {
      throw Scanner.Failure(found: "no '\(key)'")
    }
    guard scanner.isAtEnd else { throw Scanner.Failure(found: "text after the closing brace") }
  }

  private struct Scanner {
    struct Failure: Error {
      var found: String
      var isStructured = false
    }

    let text: [UInt8]
    var position = 0

    init(text: [UInt8]) { self.text = text }

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return position == text.count
      }
    }

    private mutating func skipSpace() {
      while position < text.count, [0x20, 0x0A, 0x09, 0x0D].contains(text[position]) {
        position += 1
      }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws {
      guard accept(character) else {
        throw Failure(found: "no '\(character)' at byte \(position) of the header's text")
      }
    }

    mutating func string() throws -> String {
      let quote: Unicode.Scalar = accept("\"") ? "\"" : "'"
      if quote == "'" { try expect("'") }
      let start = position
      while position < text.count, text[position] != UInt8(ascii: quote) { position += 1 }
      guard position < text.count else { throw Failure(found: "a string without an end") }
      position += 1
      return String(decoding: text[start..<position - 1], as: UTF8.self)
    }

    mutating func word() -> String {
      skipSpace()
      let start = position
      while position < text.count, Unicode.Scalar(text[position]).properties.isAlphabetic {
        position += 1
      }
      return String(decoding: text[start..<position], as: UTF8.self)
    }

    mutating func extents() throws -> [Int] {
      var list: [Int] = []
      try expect("(")
      while !accept(")") {
        skipSpace()
        let start = position
        while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
        guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
          throw Failure(found: "an extent that is not a whole positive number below 2^63")
        }
        list.append(value)
        if !accept(",") {
          try expect(")")
          break
        }
      }
      return list
    }
  }
}
