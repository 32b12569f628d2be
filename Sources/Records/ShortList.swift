/// A list that is too long to show whole.
package enum ShortList {
  /// The first names and the number of the others.
  package static func of(_ names: [String], shown: Int = 5) -> String {
    let rest = names.count > shown ? " and \(names.count - shown) more" : ""
    return names.prefix(shown).joined(separator: ", ") + rest
  }
}
