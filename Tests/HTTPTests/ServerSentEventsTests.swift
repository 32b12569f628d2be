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
      var found: [Data] = []
      var rest = stream[...]
      while !rest.isEmpty {
        found += events.feed(Data(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      if let last = events.finish() { found.append(last) }
      #expect(
        found.map { String(decoding: $0, as: UTF8.self) } == ["one", "two\nmore", "last"],
        "pieces of \(size)")
    }
  }

  @Test("a stream without events has none")
  func empty() {
    var events = ServerSentEvents()
    #expect(events.feed(Data("\n\n: nothing\n\n".utf8)).isEmpty)
    #expect(events.finish() == nil)
  }
}
