import Datasets
import Foundation
import Records
import Video
import Workspaces

/// How requests are named: the same content, the same key, on every machine.
struct RequestKeys: Sendable {
  let identity: DescriberIdentity
  let configuration: DescriberConfiguration
  let prompt: PromptTemplate
  // Everything but the frames.
  private let question: Data

  /// The form of the keys; another form makes other keys.
  private static let version = "1"

  init(describer: any Describer, prompt: PromptTemplate) throws {
    identity = describer.identity
    configuration = describer.configuration
    self.prompt = prompt
    // Not the endpoint: the same model elsewhere gives the same answer.
    question = try JSONRecord.encode(
      Question(
        version: Self.version, kind: identity.kind, model: identity.model,
        configuration: configuration,
        promptHash: configuration.usesPrompt ? prompt.hash : nil), pretty: false)
  }

  private struct Question: Encodable {
    let version: String
    let kind: DescriberIdentity.Kind
    let model: String
    let configuration: DescriberConfiguration
    let promptHash: String?
  }

  /// What is meant to be asked, before any frame is decoded.
  ///
  /// - Parameter label: the label that is let into the request; nil mostly.
  func intent(fingerprint: VideoFingerprint, selectionKey: String, label: String?) -> String {
    var hash = ContentHash()
    hash.update("intent")
    hash.update(question)
    hash.update(fingerprint.hash)
    hash.update(selectionKey)
    Self.update(&hash, label: label)
    return hash.finalize()
  }

  /// What is asked: the frames' pixels and times, and the question.
  func request(
    _ frames: [ReadyFrame], durationSeconds: Double, fingerprint: VideoFingerprint,
    segment: VideoSegment?, label: String?
  ) -> String {
    var hash = ContentHash()
    hash.update("request")
    hash.update(question)
    hash.update(String(durationSeconds))
    for frame in frames {
      hash.update(String(frame.timestampSeconds))
      hash.update(frame.hash)
    }
    Self.update(&hash, label: label)
    if configuration.readsVideoFile {
      hash.update(fingerprint.hash)
      if let segment { hash.update(segment.keyText) }
    }
    return hash.finalize()
  }

  private static func update(_ hash: inout ContentHash, label: String?) {
    guard let label else { return }
    hash.update("label")
    hash.update(label)
  }

  /// A frame's hash: its size and its pixels.
  static func hash(of image: RGBImage) -> String {
    var hash = ContentHash()
    hash.update("\(image.width)x\(image.height)")
    hash.update(image.pixels)
    return hash.finalize()
  }
}

extension VideoSegment {
  /// The piece as a part of a key: which frames it holds.
  var keyText: String { "segment \(startSeconds) \(isLast ? "end" : "\(endSeconds)")" }
}
