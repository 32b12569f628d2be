import Foundation
import Records

/// An event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Equatable {
  /// What an event consists of.
  public enum Kind: Sendable, Equatable {
    /// Data, with or without a name that does not say more.
    case data
    /// The server reports an error: the name `error`, or a field `error` in place of `data`.
    case error
    /// A line that is no field of the format, such as JSON or a sentence without `data:`.
    case stray
  }

  public let kind: Kind
  public let data: Data

  public init(_ kind: Kind, _ data: Data) {
    self.kind = kind
    self.data = data
  }
}

/// Cuts a `text/event-stream` into its events, as the pieces arrive. Comments, the fields `id`
/// and `retry`, and events without any data are passed over.
public struct ServerSentEvents: Sendable {
  private var line = Data()
  private var data: Data?
  private var isError = false
  private var isFirstLine = true
  private var endedInReturn = false

  public init() {}

  /// Takes a piece of the stream; returns the events that it completes.
  public mutating func feed(_ piece: Data) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    var rest = piece[...]
    // A line ends in LF, CR or both, and a piece may end between them.
    while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
      let isSecondHalf =
        rest[end] == 10 && end == rest.startIndex && line.isEmpty && endedInReturn
      line += rest[..<end]
      endedInReturn = rest[end] == 13
      rest = rest[(end + 1)...]
      if !isSecondHalf { events += takeLine() }
    }
    if !rest.isEmpty { endedInReturn = false }
    line += rest
    return events
  }

  /// The events that the stream ended without their empty line.
  public mutating func finish() -> [ServerSentEvent] {
    takeLine() + endEvent()
  }

  private mutating func takeLine() -> [ServerSentEvent] {
    defer { line = Data() }
    if isFirstLine { line = line.withoutByteOrderMark }
    isFirstLine = false
    if line.isEmpty { return endEvent() }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    let name = String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self)
    var value = colon.map { line[($0 + 1)...] } ?? Data()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch name {
    case "", "id", "retry": return []
    case "event":
      isError = isError || String(decoding: value, as: UTF8.self).lowercased() == "error"
      return []
    case "data", "error":
      if name == "error" { isError = true }
      if data != nil { data?.append(UInt8(ascii: "\n")) }
      data = (data ?? Data()) + value
      return []
    default: return [ServerSentEvent(.stray, line)]
    }
  }

  private mutating func endEvent() -> [ServerSentEvent] {
    defer {
      data = nil
      isError = false
    }
    let isBlank = data?.allSatisfy { [9, 10, 13, 32].contains($0) } ?? true
    if isBlank, !isError { return [] }
    return [ServerSentEvent(isError ? .error : .data, data ?? Data())]
  }
}
