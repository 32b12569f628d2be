/// The words of a text as features: lower-cased runs of letters, and numbers by
/// their size.
///
/// A number is a run of digits with at most one decimal point inside. Whole
/// numbers below 10 stand for themselves; others for their decade and whether
/// they begin with 1, 2 to 4, or 5 to 9: 12.5 and 18 are the same word, 18 and
/// 40 are not.
enum WordFeatures {
  static func words(of text: String) -> [String] {
    var words: [String] = []
    let scalars = Array(text.precomposed)
    var position = 0
    while position < scalars.count {
      let start = position
      if isDigit(scalars[position]) {
        while position < scalars.count, isDigit(scalars[position]) { position += 1 }
        let whole = scalars[start..<position]
        var fraction = scalars[position..<position]
        if position + 1 < scalars.count, scalars[position] == ".", isDigit(scalars[position + 1]) {
          let point = position
          position += 1
          while position < scalars.count, isDigit(scalars[position]) { position += 1 }
          fraction = scalars[point + 1..<position]
        }
        words.append(number(whole, fraction))
      } else if isWordScalar(scalars[position]) {
        while position < scalars.count, isWordScalar(scalars[position]),
          !isDigit(scalars[position])
        {
          position += 1
        }
        words.append(lowercased(scalars[start..<position]))
      } else {
        position += 1
      }
    }
    return words
  }

  private static func number(
    _ whole: ArraySlice<Unicode.Scalar>, _ fraction: ArraySlice<Unicode.Scalar>
  ) -> String {
    let digits = whole.drop { $0 == "0" }
    let decimals = fraction.reversed().drop { $0 == "0" }.reversed()
    if digits.count <= 1, decimals.isEmpty {
      return String(String.UnicodeScalarView(digits.isEmpty ? ["0"] : digits))
    }
    func size(_ lead: Unicode.Scalar, _ decade: Int) -> String {
      "\(lead < "2" ? 1 : lead < "5" ? 2 : 5)e\(decade)"
    }
    if let lead = digits.first { return size(lead, digits.count - 1) }
    let zeros = decimals.prefix { $0 == "0" }.count
    return size(Array(decimals)[zeros], -zeros - 1)
  }

  private static func lowercased(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    scalars.map(\.properties.lowercaseMapping).joined()
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }
}

extension String {
  fileprivate var precomposed: [Unicode.Scalar] { Array(unicodeScalars).composed }
}
