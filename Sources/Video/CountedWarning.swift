/// Something that happened to packets or frames, with how often, in a warning's words.
struct CountedWarning {
  var count: Int
  /// After the number 1.
  var one: String
  /// After any other number.
  var many: String

  static func damagedPackets(_ count: Int) -> CountedWarning {
    CountedWarning(
      count: count, one: "damaged packet skipped", many: "damaged packets skipped")
  }

  static func damagedFrames(_ count: Int) -> CountedWarning {
    CountedWarning(
      count: count, one: "frame decoded from damaged data",
      many: "frames decoded from damaged data")
  }

  /// The lines of those that happened at all.
  static func lines(_ warnings: [CountedWarning], path: String) -> [String] {
    warnings.filter { $0.count > 0 }.map {
      "\(path): \($0.count) \($0.count == 1 ? $0.one : $0.many)"
    }
  }
}
