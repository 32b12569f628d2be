import Foundation

/// Cuts a `text/event-stream` into the data of its events, as the pieces arrive.
/// Fields other than `data` are passed over.
public struct ServerSentEvents: Sendable {
  private var line = Data()
  private var data: Data?

  public init() {}

  /// Takes a piece of the stream; returns the data of the events that it completes.
  public mutating func feed(_ piece: Data) -> [Data] {
    var events: [Data] = []
    var rest = piece[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      line += rest[..<end]
      rest = rest[(end + 1)...]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.isEmpty {
        if let data { events.append(data) }
        data = nil
      } else {
        take(line)
      }
      line = Data()
    }
    line += rest
    return events
  }

  /// The data of an event whose empty line never came.
  public mutating func finish() -> Data? {
    if !line.isEmpty { take(line) }
    defer { data = nil }
    line = Data()
    return data
  }

  private mutating func take(_ line: Data) {
    let name = Data("data:".utf8)
    guard line.starts(with: name) else { return }
    var value = line.dropFirst(name.count)
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    if data != nil { data?.append(UInt8(ascii: "\n")) }
    data = (data ?? Data()) + value
  }
}
