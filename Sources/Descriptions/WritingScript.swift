/// The script that a description is expected in.
public enum WritingScript: String, Codable, Sendable, CaseIterable {
  case any, latin, cyrillic, han, japanese, korean, arabic

  /// A text is in a script where at most this share of its letters is not.
  static let foreignShare = 0.2

  /// Whether enough of the text's letters are of the script; a text without letters
  /// is in any.
  public func holds(_ text: String) -> Bool {
    guard self != .any else { return true }
    var letters = 0
    var foreign = 0
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      letters += 1
      if !ranges.contains(where: { $0.contains(scalar.value) }) { foreign += 1 }
    }
    return Double(foreign) <= Self.foreignShare * Double(letters)
  }

  /// Blocks of Unicode with the script's letters.
  private var ranges: [ClosedRange<UInt32>] {
    let han: [ClosedRange<UInt32>] = [0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF]
    return switch self {
    case .any: [0...0x10FFFF]
    case .latin: [0x41...0x24F, 0x1E00...0x1EFF]
    case .cyrillic: [0x400...0x52F]
    case .han: han
    case .japanese: han + [0x3005...0x3007, 0x3040...0x30FF]
    case .korean: [0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF]
    case .arabic: [0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF, 0xFE70...0xFEFF]
    }
  }
}
