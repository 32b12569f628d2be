/// The element types of NumPy arrays that can be read as floats.
struct NpyElementType {
  private let kind: Character
  let byteCount: Int
  private let isBigEndian: Bool

  /// Parses a type string such as `<f4` or `|u1`.
  ///
  /// - Throws: `TensorError.unsupportedArray` for every other kind of element.
  init(_ text: String, path: String) throws {
    let characters = Array(text)
    let sizes: [Character: [Int]] = [
      "f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1],
    ]
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let size = Int(String(characters[2...])), sizes[characters[1]]?.contains(size) == true
    else {
      throw TensorError.unsupportedArray(
        path: path,
        found: characters.dropFirst().first == "O"
          ? "Python objects" : "elements of type '\(text)'",
        remedy: "save it as float32")
    }
    kind = characters[1]
    byteCount = size
    isBigEndian = characters[0] == ">"
  }

  /// Fills `target` from elements that begin at the start of `source`.
  func read(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
    let swap = isBigEndian
    func word<Word: FixedWidthInteger & BitwiseCopyable>(
      _ type: Word.Type, _ convert: (Word) -> Float
    ) {
      ElementConversion.read(source, as: type, into: target) { convert(swap ? $0.byteSwapped : $0) }
    }
    switch (kind, byteCount) {
    case ("f", 4) where !swap: ElementConversion.copyFloats(source, target)
    case ("f", 4): word(UInt32.self) { Float(bitPattern: $0) }
    case ("f", 2): word(UInt16.self, ElementConversion.half)
    case ("f", _): word(UInt64.self) { Float(Double(bitPattern: $0)) }
    case ("i", 1): word(Int8.self) { Float($0) }
    case ("i", 2): word(Int16.self) { Float($0) }
    case ("i", 4): word(Int32.self) { Float($0) }
    case ("i", _): word(Int64.self) { Float($0) }
    case ("u", 2): word(UInt16.self) { Float($0) }
    case ("u", 4): word(UInt32.self) { Float($0) }
    case ("u", 8): word(UInt64.self) { Float($0) }
    default: word(UInt8.self) { Float($0) }
    }
  }
}
