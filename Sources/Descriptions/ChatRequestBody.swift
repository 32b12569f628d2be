import Foundation
import Records

/// The JSON of a chat request: one user message of texts and images in turn, and
/// the sampling fields. Written by hand, because the images are most of it and
/// need no escaping.
package struct ChatRequestBody: Sendable {
  private let messages: Data
  /// The words that are sent, without the images.
  package let words: String

  /// - Parameters:
  ///   - parts: the message.
  ///   - images: a JPEG for each frame that the message shows.
  init(parts: [PromptTemplate.Part], images: [Data]) throws {
    var data = Data()
    data.reserveCapacity(images.reduce(8192) { $0 + $1.count * 4 / 3 + 128 })
    data += Data("\"messages\":[{\"role\":\"user\",\"content\":[".utf8)
    var words = ""
    for (index, part) in parts.enumerated() {
      if index > 0 { data += Data(",".utf8) }
      switch part {
      case .text(let text):
        words += text
        data += Data("{\"type\":\"text\",\"text\":".utf8)
        data += try JSONRecord.encode(text, pretty: false)
        data += Data("}".utf8)
      case .frame(let frame):
        data += Data(
          "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,".utf8)
        data += images[frame].base64EncodedData()
        data += Data("\"}}".utf8)
      }
    }
    data += Data("]}]".utf8)
    messages = data
    self.words = words
  }

  /// The bytes for a model, with these fields in this order but for the omitted ones.
  package func encoded(
    model: String, fields: [(name: String, value: String)], omitting omitted: Set<String> = []
  ) throws -> Data {
    var data = Data()
    data.reserveCapacity(messages.count + 4096)
    data += Data("{\"model\":".utf8)
    data += try JSONRecord.encode(model, pretty: false)
    data += Data(",".utf8)
    data += messages
    for (name, value) in fields where !omitted.contains(name) {
      data += Data(",\"\(name)\":\(value)".utf8)
    }
    data += Data("}".utf8)
    return data
  }
}
