import Datasets
import Foundation
import Records
import Video
import Workspaces

/// Computes the keys of requests: the same content has the same key on every machine.
struct RequestKeys: Sendable {
  let identity: DescriberIdentity
  let configuration: DescriberConfiguration
  let prompt: PromptTemplate
  // Everything except the frames.
  private let question: Data

  /// The version of the keys' form; a new version makes new keys.
  private static let version = "1"

  init(describer: any Describer, prompt: PromptTemplate) throws {
    identity = describer.identity
    configuration = describer.configuration
    self.prompt = prompt
    // The endpoint is left out: the same model elsewhere gives the same answer.
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

  /// The key of an intended question, known before any frame is decoded.
  ///
  /// - Parameter label: the label that the request may contain; usually nil.
  func intent(fingerprint: VideoFingerprint, selectionKey: String, label: String?) -> String {
    var hash = ContentHash()
    hash.update("intent")
    hash.update(question)
    hash.update(fingerprint.hash)
    hash.update(selectionKey)
    Self.update(&hash, label: label)
    return hash.finalize()
  }

  /// The key of a request: of the frames' pixels and times, and the question.
  func request(
    _ frames: [RequestedFrame], durationSeconds: Double, fingerprint: VideoFingerprint,
    segment: VideoSegment?, view: VideoViewRecord? = nil, label: String?
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
      if let view { hash.update(view.keyText) }
    }
    return hash.finalize()
  }

  private static func update(_ hash: inout ContentHash, label: String?) {
    guard let label else { return }
    hash.update("label")
    hash.update(label)
  }
}

extension VideoSegment {
  /// The piece as part of a key: it identifies the frames in the piece.
  var keyText: String { "segment \(startSeconds) \(isLast ? "end" : "\(endSeconds)")" }
}
