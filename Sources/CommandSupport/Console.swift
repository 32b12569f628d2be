import Foundation

/// The output of a command: results to stdout, everything else to stderr.
package enum Console {
  /// One line of the result.
  package static func result(_ line: String = "") {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// A result that is already bytes (JSON).
  package static func result(_ data: Data) {
    FileHandle.standardOutput.write(data)
  }

  /// A remark.
  package static func note(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  package static func warning(_ line: String) {
    note("warning: \(line)")
  }

  package static func error(_ line: String) {
    note("error: \(line)")
  }
}
