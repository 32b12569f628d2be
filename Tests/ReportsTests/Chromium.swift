import Foundation
import TestSupport

/// Runs the headless browser on a file: a fresh profile each time.
struct Chromium {
  struct Missing: Error, CustomStringConvertible {
    var description: String {
      "chromium: not found on PATH; the report's tests need a browser: apt-get install chromium"
    }
  }

  struct Failed: Error, CustomStringConvertible {
    var status: Int32
    var log: String
    var description: String { "chromium: ended with \(status): \(log.suffix(2000))" }
  }

  /// What one run gave.
  struct Run {
    var output: String
    /// Lines that the page wrote to its console, errors of the policy included.
    var console: [String]
  }

  private let executable: URL

  /// - Throws: `Missing` where there is no browser.
  init() throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates = path.split(separator: ":").flatMap { folder in
      ["chromium", "chromium-browser", "google-chrome"].map { "\(folder)/\($0)" }
    }
    guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
      throw Missing()
    }
    executable = URL(fileURLWithPath: found)
  }

  /// The document as it stands after its scripts have run.
  func dumpDocument(_ page: URL, width: Int = 1280, isDark: Bool = false) throws -> Run {
    try run(["--dump-dom"], page: page, width: width, height: 900, isDark: isDark)
  }

  /// A picture of the page's top, written to `picture` as PNG.
  func screenshot(_ page: URL, to picture: URL, width: Int, height: Int, isDark: Bool = false)
    throws -> Run
  {
    try run(
      ["--screenshot=\(picture.path)"], page: page, width: width, height: height, isDark: isDark)
  }

  private func run(_ action: [String], page: URL, width: Int, height: Int, isDark: Bool) throws
    -> Run
  {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = executable
    process.arguments =
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--hide-scrollbars", "--enable-logging=stderr",
        "--virtual-time-budget=2000", "--window-size=\(width),\(height)",
        "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)",
        "--user-data-dir=\(folder.file("profile").path)",
      ] + action + [page.absoluteString]
    // Files, not pipes: nothing blocks however much the browser writes.
    let output = folder.file("output")
    let log = folder.file("log")
    for file in [output, log] {
      try Data().write(to: file)
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: log)
    try process.run()
    process.waitUntilExit()
    let lines = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw Failed(status: process.terminationStatus, log: lines)
    }
    return Run(
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      console: lines.split(separator: "\n").map(String.init).filter { $0.contains("CONSOLE") })
  }
}
