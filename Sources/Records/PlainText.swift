import Foundation

extension Data {
  /// The bytes without the mark of UTF-8 that some programs write before a text.
  package var withoutByteOrderMark: Data {
    starts(with: [0xEF, 0xBB, 0xBF]) ? Data(dropFirst(3)) : self
  }
}

extension String {
  /// The text without characters that no reader sees and that cut texts in databases and C
  /// interfaces: control characters other than tabs and line ends, byte order marks, and marks
  /// of writing direction.
  package var withoutControlCharacters: String {
    guard unicodeScalars.contains(where: Self.isControl) else { return self }
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: unicodeScalars.lazy.filter { !Self.isControl($0) })
    return String(scalars)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 10, 13: false
    case 0..<32, 127..<160, 0xFEFF, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
