import Foundation

/// Durations for people: `4.2 s`, `3 min 07 s`, `2 h 05 min`.
public enum DurationText {
  public static func of(seconds: Double) -> String {
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60)
  }
}
