import Foundation
import Records

/// The JSON of a chat request: one user message of texts and images in turn, and
/// the sampling fields. Written by hand, because the images are most of it and
/// need no escaping.
package struct ChatRequestBody: Sendable {
  private let head: Data
  private let fields: [(name: String, value: String)]

  /// - Parameters:
  ///   - parts: the message.
  ///   - images: a JPEG for each frame that the message shows.
  init(
    model: String, parts: [PromptTemplate.Part], images: [Data], sampling: SamplingParameters
  ) throws {
    var head = Data()
    head.reserveCapacity(images.reduce(4096) { $0 + $1.count * 4 / 3 + 128 })
    head += Data("{\"model\":".utf8)
    head += try JSONRecord.encode(model, pretty: false)
    head += Data(",\"messages\":[{\"role\":\"user\",\"content\":[".utf8)
    for (index, part) in parts.enumerated() {
      if index > 0 { head += Data(",".utf8) }
      switch part {
      case .text(let words):
        head += Data("{\"type\":\"text\",\"text\":".utf8)
        head += try JSONRecord.encode(words, pretty: false)
        head += Data("}".utf8)
      case .frame(let frame):
        head += Data(
          "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,".utf8)
        head += images[frame].base64EncodedData()
        head += Data("\"}}".utf8)
      }
    }
    head += Data("]}]".utf8)
    self.head = head
    fields = sampling.fields
  }

  /// The bytes, without the sampling fields that the server refuses.
  package func encoded(omitting omitted: Set<String>) -> Data {
    var data = head
    for (name, value) in fields where !omitted.contains(name) {
      data += Data(",\"\(name)\":\(value)".utf8)
    }
    data += Data("}".utf8)
    return data
  }
}
