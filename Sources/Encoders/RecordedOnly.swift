/// A value that is written down and takes no part in comparing: all are equal.
public struct RecordedOnly<Value: Codable & Sendable>: Codable, Sendable, Hashable {
  public var value: Value

  public init(_ value: Value) {
    self.value = value
  }

  public init(from decoder: any Decoder) throws {
    value = try decoder.singleValueContainer().decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  public static func == (left: RecordedOnly, right: RecordedOnly) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
