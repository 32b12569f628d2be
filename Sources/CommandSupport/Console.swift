import Foundation

/// The output of a command: results to stdout, everything else to stderr.
public enum Console {
  /// One line of the result.
  public static func result(_ line: String = "") {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// A result that is already bytes (JSON).
  public static func result(_ data: Data) {
    FileHandle.standardOutput.write(data)
  }

  /// A remark.
  public static func note(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  public static func warning(_ line: String) {
    note("warning: \(line)")
  }

  public static func error(_ line: String) {
    note("error: \(line)")
  }
}
