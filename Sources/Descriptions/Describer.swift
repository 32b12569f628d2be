import Foundation
import Video

/// Turns chosen frames of a video into sentences.
public protocol Describer: Sendable {
  /// The describer's kind and model: part of every record.
  var identity: DescriberIdentity { get }
  /// Everything besides the identity that decides an answer: part of every request's key.
  var configuration: DescriberConfiguration { get }
  /// A frame as it is sent: the same bytes for the same pixels as long as
  /// `configuration.preparation` is the same. Nil for a describer that sends no frames.
  ///
  /// - Throws: `DescriptionError.unusableFrame` for a size that the model refuses.
  func sentFrame(of frame: VideoFrame) throws -> SentFrame?
  /// Describes one video.
  ///
  /// - Returns: a description whose text is never empty.
  /// - Throws: `DescriptionError`, or `CancellationError`.
  func describe(_ request: DescriptionRequest) async throws -> Description
  /// Does all local work for a request, so that its frames need not stay in memory while a
  /// server works on it. It blocks.
  ///
  /// - Throws: `DescriptionError`.
  func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription
  /// Checks once, before a run of many requests, whether the run can work.
  ///
  /// - Parameters:
  ///   - frames: the number of frames per request of the run.
  ///   - sizes: sizes of the run's videos; empty if they are not known.
  /// - Returns: a describer that knows the results of the check, and warnings for the user.
  /// - Throws: `DescriptionError` if the run could not work.
  func checkedBeforeRun(prompt: PromptTemplate, frames: Int, sizes: [PictureSize]) async throws -> (
    describer: any Describer, warnings: [String]
  )
  /// While a run is being stopped, nothing that waits for a server begins.
  func drain(_ isDraining: Bool) async
}

/// A request that is ready to be sent.
public protocol PreparedDescription: Sendable {
  /// Sends the request.
  ///
  /// - Parameters:
  ///   - lossesBefore: the number of servers that were lost under it in earlier runs.
  ///   - recorder: stores every attempt.
  /// - Returns: a description whose text is never empty.
  /// - Throws: `DescriptionError`, or `CancellationError`.
  func describe(lossesBefore: Int, recorder: AttemptRecorder?) async throws -> Description
}

extension Describer {
  /// For a describer without settings that measures the video file itself.
  public var configuration: DescriberConfiguration { DescriberConfiguration() }

  /// For a describer that has nothing to prepare.
  public func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription {
    WholeRequest(describer: self, request: request)
  }

  /// For a describer that needs no check before a run.
  public func checkedBeforeRun(prompt: PromptTemplate, frames: Int, sizes: [PictureSize])
    async throws -> (describer: any Describer, warnings: [String])
  { (self, []) }

  /// For a describer that waits for no server.
  public func drain(_ isDraining: Bool) async {}

  /// For a describer that sends no frames.
  public func sentFrame(of frame: VideoFrame) throws -> SentFrame? { nil }
}

private struct WholeRequest: PreparedDescription {
  let describer: any Describer
  let request: DescriptionRequest

  func describe(lossesBefore: Int, recorder: AttemptRecorder?) async throws -> Description {
    var request = request
    request.recorder = recorder
    return try await describer.describe(request)
  }
}

/// A describer's kind and model: part of every record.
public struct DescriberIdentity: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The describer's kind.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A server with OpenAI's chat interface.
    case openai
    /// Sentences of measured facts, written by this process.
    case builtin
    /// A file of descriptions that somebody else made.
    case imported
  }

  public var kind: Kind
  /// The model's name on the server, the built-in describer's name and version, or the name
  /// under which a file was imported.
  public var model: String
  /// The server's base URL.
  public var endpoint: String?

  public init(kind: Kind, model: String, endpoint: String? = nil) {
    self.kind = kind
    self.model = model
    self.endpoint = endpoint
  }

  /// Reads the identity as the ledger records it; nil if the text is no identity.
  package init?(recorded text: String) {
    guard let identity = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
      return nil
    }
    self = identity
  }

  public var description: String {
    kind == .imported ? "\(kind.rawValue): \(model)" : "\(kind.rawValue) \(model)"
  }
}

/// Everything besides the identity that decides a describer's answer.
public struct DescriberConfiguration: Codable, Sendable, Hashable {
  /// The order of frames and text: `stills` (text and image in turn), or `none` if nothing
  /// is sent.
  public var layout: String
  /// How frames are prepared: resizing rule and compression, with versions.
  public var preparation: String
  /// The requested sampling fields.
  public var sampling: SamplingParameters?
  /// Whether the answer depends on the prompt.
  public var usesPrompt: Bool
  /// Whether the describer reads the video file, not only the frames.
  public var readsVideoFile: Bool
  /// Whether the describer sends frames to a server.
  public var sendsFrames: Bool { layout != "none" }

  public init(
    layout: String = "none", preparation: String = "none", sampling: SamplingParameters? = nil,
    usesPrompt: Bool = false, readsVideoFile: Bool = true
  ) {
    self.layout = layout
    self.preparation = preparation
    self.sampling = sampling
    self.usesPrompt = usesPrompt
    self.readsVideoFile = readsVideoFile
  }
}
