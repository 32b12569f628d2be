import Foundation

/// Names one process so that another can tell whether it still lives.
///
/// A process number alone is not enough: it is given again after a while, and
/// means another process in another container or after a restart.
public struct ProcessIdentity: Codable, Sendable, Equatable {
  /// Within what the number counts: the boot of the machine and the name space of
  /// process numbers; empty where the system does not tell.
  public let realm: String
  /// The process number.
  public let processID: Int
  /// When the process began, in clock ticks since the machine's start; 0 where the
  /// system does not tell.
  public let startTicks: Int64

  public init(realm: String, processID: Int, startTicks: Int64) {
    self.realm = realm
    self.processID = processID
    self.startTicks = startTicks
  }

  /// The process of a number as seen from here; nil where there is none.
  public init?(processID: Int) {
    guard let startTicks = Self.startTicks(of: processID) else { return nil }
    self.init(realm: Self.ownRealm, processID: processID, startTicks: startTicks)
  }

  /// This process.
  public static let current: ProcessIdentity = {
    let number = Int(ProcessInfo.processInfo.processIdentifier)
    return ProcessIdentity(processID: number)
      ?? ProcessIdentity(realm: "", processID: number, startTicks: 0)
  }()

  /// Whether the process has ended. False where that cannot be known from here:
  /// on another machine, in another container, before a restart.
  public var isKnownToHaveEnded: Bool {
    guard !realm.isEmpty, realm == Self.ownRealm else { return false }
    return Self.startTicks(of: processID) != startTicks
  }

  private static let ownRealm: String = {
    guard
      let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
      let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    else { return "" }
    return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines)) \(space)"
  }()

  /// Field 22 of `/proc/<pid>/stat` (proc(5)); nil for a process that is no more,
  /// also one that only waits for its parent to notice.
  private static func startTicks(of processID: Int) -> Int64? {
    guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
      // The name in parentheses may hold spaces and parentheses.
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: nameEnd)...].split(separator: " ")
    guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]) else { return nil }
    return Int64(fields[19])
  }
}
