import Foundation

/// How long a server asks to be left alone.
package enum RetryAfter {
  /// The seconds in `retry-after-ms` (milliseconds) or `Retry-After` (seconds, or
  /// one of HTTP's three forms of a date); nil where neither says anything that
  /// can be read. Never negative.
  package static func seconds(in head: HTTPHead, now: Date) -> Double? {
    if let text = head["retry-after-ms"], let value = Double(text), value.isFinite, value >= 0 {
      return value / 1000
    }
    guard let text = head["retry-after"] else { return nil }
    if let value = Double(text) { return value.isFinite && value >= 0 ? value : nil }
    for format in [
      "EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy",
    ] {
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.timeZone = TimeZone(secondsFromGMT: 0)
      formatter.dateFormat = format
      if let date = formatter.date(from: text) { return max(0, date.timeIntervalSince(now)) }
    }
    return nil
  }
}
