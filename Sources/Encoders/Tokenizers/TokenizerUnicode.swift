import Foundation

/// The character classes of Hugging Face's tokenizers library (0.23), which has tables of
/// different Unicode versions; characters newer than a table belong to none of its classes.
extension Unicode.Scalar {
  /// White space, with a fast path for ASCII.
  var isSpace: Bool {
    value < 0x80 ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
  }

  /// Letters of its regular expressions: Unicode 16.
  package var isLetter: Bool {
    if value < 0x80 { return (0x41...0x5A).contains(value & 0xDF) }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return isOf(version: 16)
    default: return false
    }
  }

  /// Numbers of its regular expressions: Unicode 16.
  package var isNumber: Bool {
    if value < 0x80 { return (0x30...0x39).contains(value) }
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return isOf(version: 16)
    default: return false
    }
  }

  /// The characters that BERT's clean-up removes: controls, formats, private use (Unicode 8)
  /// and the replacement character, but not white space.
  package var isRemovedByBERT: Bool {
    switch value {
    case 0x09, 0x0A, 0x0D: return false
    case 0x00...0x1F, 0x7F, 0xFFFD: return true
    case 0x20...0x7E: return false
    default: break
    }
    switch properties.generalCategory {
    case .control, .format, .privateUse: return isOf(version: 8)
    default: return false
    }
  }

  /// The characters that BERT makes tokens of their own: all ASCII marks, and the
  /// punctuation of Unicode 8.
  package var isBERTPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
    case 0...0x7F: return false
    case 0x166D, 0x111C9: return true  // of other categories since Unicode 11 and 12
    default: break
    }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return isOf(version: 8)
    default: return false
    }
  }

  /// The accents that BERT strips: nonspacing marks of Unicode 8.
  package var isBERTAccent: Bool {
    guard value >= 0x300 else { return false }
    switch value {
    // Of other categories in later versions.
    case 0x1734, 0x1171E: return true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
    default: return properties.generalCategory == .nonspacingMark && isOf(version: 8)
    }
  }

  /// The ideographs that BERT separates from everything else.
  package var isBERTIdeograph: Bool {
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
      0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }

  private func isOf(version: Int) -> Bool {
    properties.age.map { $0.major <= version } ?? true
  }
}

extension [Unicode.Scalar] {
  var isASCII: Bool { allSatisfy { $0.value < 0x80 } }

  private var string: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }

  /// Normalisation form C.
  package var composed: [Unicode.Scalar] {
    isASCII ? self : Array(string.precomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Normalisation form D.
  package var decomposed: [Unicode.Scalar] {
    isASCII ? self : Array(string.decomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Each scalar in lower case by itself, without rules that depend on its neighbours.
  package var lowercased: [Unicode.Scalar] {
    flatMap { scalar -> [Unicode.Scalar] in
      if scalar.value < 0x80 {
        guard (0x41...0x5A).contains(scalar.value) else { return [scalar] }
        return [Unicode.Scalar(UInt8(scalar.value) + 0x20)]
      }
      return Array(scalar.properties.lowercaseMapping.unicodeScalars)
    }
  }
}
