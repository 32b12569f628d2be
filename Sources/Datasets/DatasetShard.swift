import Records

/// One of n parts of a data set, for machines that work on it separately.
///
/// A video's part follows from a hash of its id alone: it is the same on every
/// machine, whatever else is there, and adding a video moves no other one.
public struct DatasetShard: Sendable, Equatable {
  /// Which part, from 1.
  public let number: Int
  /// How many parts there are.
  public let count: Int

  /// - Returns: nil unless 1 <= number <= count.
  public init?(number: Int, of count: Int) {
    guard count >= 1, (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// Reads `2/4`: the second of four parts.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number: number, of: count)
  }

  /// Whether a video belongs to this part.
  public func contains(_ videoID: String) -> Bool {
    // The first 60 bits of SHA-256; 60, so that they fit a non-negative Int.
    let digits = ContentHash.of(Array(videoID.utf8)).prefix(15)
    guard let value = Int(digits, radix: 16) else {
      preconditionFailure("a hash that is not hexadecimal: \(digits)")
    }
    return value % count == number - 1
  }
}
