import Foundation
import HTTP
import Testing

@Suite("Server-sent events")
struct ServerSentEventsTests {
  private let stream = Data(
    "data: one\r\n\r\n: a remark\nevent: x\ndata:two\ndata: more\n\ndata: last".utf8)

  @Test("the data of each event is found, however the stream is cut")
  func cuts() {
    for size in 1...stream.count {
      var events = ServerSentEvents()
      var found: [ServerSentEvent] = []
      var rest = stream[...]
      while !rest.isEmpty {
        found += events.feed(Data(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      found += events.finish()
      #expect(
        found.map { String(decoding: $0.data, as: UTF8.self) } == ["one", "two\nmore", "last"],
        "pieces of \(size)")
    }
  }

  @Test("a stream without events has none")
  func empty() {
    var events = ServerSentEvents()
    #expect(events.feed(Data("\n\n: nothing\n\n".utf8)).isEmpty)
    #expect(events.finish().isEmpty)
  }
}

/// Errors reach a stream in several ways besides data.
@Suite("Server-sent errors")
struct ServerSentErrorTests {
  private func events(_ text: String) -> [ServerSentEvent] {
    var events = ServerSentEvents()
    return events.feed(Data(text.utf8)) + events.finish()
  }

  @Test(
    "an error by the field or the event's name is one, however it is written",
    arguments: [
      "error: {\"code\":400}\n\n", "error:{\"code\":400}\n\n", "error: {\"code\":400}",
      "event: error\ndata: {\"code\":400}\n\n", "data: {\"code\":400}\nevent: Error\r\n\r\n",
    ])
  func errors(text: String) {
    #expect(events(text) == [ServerSentEvent(.error, Data("{\"code\":400}".utf8))])
  }

  @Test("empty events and comments are passed over, and other lines are kept apart")
  func others() {
    #expect(
      events("data:\n\ndata\n\ndata: \n\n: ping\n\nevent: ping\n\nid: 3\nretry: 9\n\n").isEmpty)
    #expect(
      events("{\"a\":1}\nInternal Server Error\n\ndata: x\n\n") == [
        ServerSentEvent(.stray, Data("{\"a\":1}".utf8)),
        ServerSentEvent(.stray, Data("Internal Server Error".utf8)),
        ServerSentEvent(.data, Data("x".utf8)),
      ])
    #expect(events("\u{FEFF}data: x\n\n") == [ServerSentEvent(.data, Data("x".utf8))])
  }

  @Test("an event named error without data is still an error")
  func nameAlone() {
    #expect(events("event: error\n\n").map(\.kind) == [.error])
  }
}
