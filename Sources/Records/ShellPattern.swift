import Foundation

/// Shell patterns with `*`, `?` and `[...]`, as data sets use them for names.
package enum ShellPattern {
  /// Whether a name matches a pattern, ignoring case.
  package static func matches(_ name: String, _ pattern: String) -> Bool {
    fnmatch(pattern.lowercased(), name.lowercased(), 0) == 0
  }
}
