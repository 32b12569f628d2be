/// A tick of a container's timestamps as a fraction of a second.
public struct TimeBase: Sendable, Equatable, CustomStringConvertible {
  public let numerator: Int32
  public let denominator: Int32

  /// - Precondition: both more than 0.
  public init(numerator: Int32, denominator: Int32) {
    precondition(numerator > 0 && denominator > 0, "a time base of \(numerator)/\(denominator)")
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The tick's length.
  public var seconds: Double { Double(numerator) / Double(denominator) }

  /// Such as `1/12800`.
  public var description: String { "\(numerator)/\(denominator)" }
}
