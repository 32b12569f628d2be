import Encoders
import Foundation
import TestSupport
import Video

/// An embeddings server's sound answers, for either dialect: a picture becomes the
/// mean brightness of the cells of what a model with the input side `side` would
/// see, a text its letters' counts.
struct FakeEmbeddings: Sendable {
  enum Speech: Sendable { case infinity, vllm }

  static let dimension = 49
  var speech: Speech
  var side = 224
  /// The width of the embeddings of texts.
  var textDimension = dimension

  /// A server that answers soundly, but for requests that `fault` answers.
  ///
  /// The requests that it sees count from 0, after the probe's.
  func server(
    fault:
      @escaping @Sendable (_ request: FaultInjectingServerRequest, _ number: Int) ->
      FaultInjectingServerAnswer? = { _, _ in nil }
  ) throws -> FaultInjectingServer {
    try FaultInjectingServer { request in
      fault(request, request.index - probeRequests) ?? answer(to: request)
    }
  }

  /// How many requests the probe makes: the dialects that are tried, two gray
  /// pictures, a text, four sides.
  var probeRequests: Int { (speech == .vllm ? 1 : 2) + 3 + 4 }

  func answer(to request: FaultInjectingServerRequest) -> FaultInjectingServerAnswer {
    guard request.path == "/v1/embeddings", let body = request.json else {
      return .error(404, "no such path")
    }
    let input = body["input"] as? [String]
    switch speech {
    case .infinity:
      guard let input else { return .error(422, "Field required") }
      guard body["modality"] as? String == "image" else { return .embeddings(input.map(text)) }
      return .embeddings(input.compactMap(picture))
    case .vllm:
      if let input {
        guard body["truncate_prompt_tokens"] as? Int == -1 || input.allSatisfy({ $0.count <= 77 })
        else { return .error(400, "maximum context length is 77 tokens") }
        return .embeddings(input.map(text))
      }
      let message = (body["messages"] as? [[String: Any]])?.first
      let parts = message?["content"] as? [[String: Any]] ?? []
      guard parts.count == 1, let url = (parts[0]["image_url"] as? [String: String])?["url"] else {
        return .error(400, "At most 1 image(s) may be provided")
      }
      return .embeddings([url].compactMap(picture))
    }
  }

  /// The embedding of a picture, before it is sent.
  func row(of image: RGBImage) throws -> [Float] {
    let seen = try CLIPImageProcessor(side: side).prepared(image)
    let cell = side / 7
    return (0..<49).map { place in
      var sum = 0
      for y in 0..<cell {
        for x in 0..<cell {
          sum += Int(seen.pixels[((place / 7 * cell + y) * side + place % 7 * cell + x) * 3 + 1])
        }
      }
      return Float(sum) / Float(cell * cell * 255)
    }
  }

  func text(_ words: String) -> [Float] {
    var counts = [Float](repeating: 0, count: textDimension)
    for byte in words.utf8.prefix(75) { counts[Int(byte) % textDimension] += 1 }
    return counts
  }

  /// The embedding of a picture in a `data:` address; nil where there is none.
  private func picture(_ address: String) -> [Float]? {
    guard let comma = address.firstIndex(of: ","),
      let data = Data(base64Encoded: String(address[address.index(after: comma)...])),
      let folder = try? TemporaryFolder()
    else { return nil }
    let file = folder.file("picture")
    return try? {
      try data.write(to: file)
      return try row(of: ImageFile.read(path: file.path))
    }()
  }
}
