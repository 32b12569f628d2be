/// Names that can be a file's name in any folder and a part of a web address's path.
public enum PathSafeName {
  /// Whether the name needs no change.
  static func isSafe(_ name: String) -> Bool { make(name) == name }

  /// The name with letters, digits and `-_.` kept and everything else replaced
  /// by `_`; no leading dot, at most 150 bytes of UTF-8.
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

  /// The names made safe and unique: a name already given gets `~2`, `~3`.
  public static func unique(_ names: [String]) -> [String] {
    var given: Set<String> = []
    return names.map { name in
      let base = make(name)
      var candidate = base
      var number = 2
      // Compared in lower case, for file systems that do not tell case apart.
      while !given.insert(candidate.lowercased()).inserted {
        candidate = "\(base)~\(number)"
        number += 1
      }
      return candidate
    }
  }
}

/// Finds what a mistyped name probably meant.
enum NearestName {
  /// The candidate with the fewest edits to `name`, if at most a third of the
  /// letters (and at least one edit) differ; case does not count.
  static func of(_ name: String, among candidates: [String]) -> String? {
    let limit = max(1, name.count / 3)
    let ranked = candidates.map { ($0, distance(name.lowercased(), $0.lowercased())) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= limit else { return nil }
    return best.0
  }

  /// Levenshtein's distance.
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
