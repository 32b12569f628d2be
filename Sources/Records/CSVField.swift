/// Text as a field of comma-separated values (RFC 4180).
package enum CSVField {
  /// The field, in quotes where it contains a comma, a quote or a line break.
  package static func quoted(_ text: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
