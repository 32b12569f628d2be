import Foundation

/// Finds golden and fixture files beside the test that owns them.
public enum Golden {
  /// `Golden/<name>` (or another folder) beside the calling test file.
  public static func url(
    _ name: String, in folder: String = "Golden", from file: String = #filePath
  )
    -> URL
  {
    URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent(folder).appendingPathComponent(name)
  }
}
