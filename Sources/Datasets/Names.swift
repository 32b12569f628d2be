/// Names that are safe as a file name and as a part of a URL's path.
public enum PathSafeName {
  /// Whether `make` returns the name unchanged.
  static func isSafe(_ name: String) -> Bool { make(name) == name }

  /// The name with all characters except letters, digits and `-_.` replaced by `_`, without a
  /// leading dot, and at most 150 bytes of UTF-8.
  static func make(_ name: String) -> String {
    var safe = ""
    var length = 0
    for character in name {
      let kept = character.isLetter || character.isNumber || "-_.".contains(character)
      let written: Character = kept && !(safe.isEmpty && character == ".") ? character : "_"
      length += String(written).utf8.count
      guard length <= 150 else { break }
      safe.append(written)
    }
    return safe.isEmpty ? "_" : safe
  }

  /// The names made safe and unique. A repeated name gets `~2`, `~3`.
  public static func unique(_ names: [String]) -> [String] {
    var given: Set<String> = []
    return names.map { name in
      let base = make(name)
      var candidate = base
      var number = 2
      // Compared in lower case, for file systems that ignore case.
      while !given.insert(candidate.lowercased()).inserted {
        candidate = "\(base)~\(number)"
        number += 1
      }
      return candidate
    }
  }
}

/// Finds the likely intended name for a mistyped one.
enum NearestName {
  /// The candidate with the fewest edits to `name`, ignoring case; nil if more than a third
  /// of the letters (and more than one) differ.
  static func of(_ name: String, among candidates: [String]) -> String? {
    let limit = max(1, name.count / 3)
    let ranked = candidates.map { ($0, distance(name.lowercased(), $0.lowercased())) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= limit else { return nil }
    return best.0
  }

  /// The Levenshtein distance.
  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    var row = Array(0...b.count)
    for i in 0..<a.count {
      var diagonal = row[0]
      row[0] = i + 1
      for j in 0..<b.count {
        let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
