import Video

/// Turns chosen frames of a video into sentences.
public protocol Describer: Sendable {
  /// Who answers: written into every record.
  var identity: DescriberIdentity { get }
  /// What, beside the identity, decides an answer: part of every request's key.
  var configuration: DescriberConfiguration { get }
  /// A frame's picture as it is sent: the same bytes for the same pixels wherever
  /// `configuration.preparation` is the same. Nil where frames are not sent.
  ///
  /// - Throws: `DescriptionError.unusableFrame` for a size that cannot be shown.
  func picture(of image: RGBImage) throws -> SentPicture?
  /// Describes one video.
  ///
  /// - Throws: `DescriptionError`, or `CancellationError`. Never an empty text.
  func describe(_ request: DescriptionRequest) async throws -> Description
  /// Makes everything of a request ready that takes work here, so that its frames
  /// need not be kept while a server has it. It blocks.
  ///
  /// - Throws: `DescriptionError`.
  func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription
  /// Looks at what it needs once before a run of many requests; gives the describer
  /// that knows, and what the user should know.
  ///
  /// - Parameter frames: how many frames a request of the run has.
  /// - Throws: `DescriptionError` where the run could not work.
  func readied(for prompt: PromptTemplate, frames: Int) async throws -> (
    describer: any Describer, warnings: [String]
  )
  /// While a run is being stopped nothing that waits for a server is begun.
  func drain(_ isDraining: Bool) async
}

/// A request that is ready to be sent.
public protocol PreparedDescription: Sendable {
  /// Asks.
  ///
  /// - Parameters:
  ///   - lossesBefore: how many servers were lost under it in earlier runs.
  ///   - recorder: gets every try.
  /// - Throws: `DescriptionError`, or `CancellationError`. Never an empty text.
  func describe(lossesBefore: Int, recorder: (any AttemptRecorder)?) async throws -> Description
}

extension Describer {
  /// For a describer without settings that measures the video file by itself.
  public var configuration: DescriberConfiguration { DescriberConfiguration() }

  /// For a describer that has nothing to make ready.
  public func prepare(_ request: DescriptionRequest) throws -> any PreparedDescription {
    WholeRequest(describer: self, request: request)
  }

  /// For a describer that needs no look beforehand.
  public func readied(for prompt: PromptTemplate, frames: Int) async throws -> (
    describer: any Describer, warnings: [String]
  ) { (self, []) }

  /// For a describer that waits for nobody.
  public func drain(_ isDraining: Bool) async {}

  /// For a describer that sends no frames.
  public func picture(of image: RGBImage) throws -> SentPicture? { nil }
}

private struct WholeRequest: PreparedDescription {
  let describer: any Describer
  let request: DescriptionRequest

  func describe(lossesBefore: Int, recorder: (any AttemptRecorder)?) async throws -> Description {
    var request = request
    request.recorder = recorder
    return try await describer.describe(request)
  }
}

/// Who describes: written into every record.
public struct DescriberIdentity: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The describer's kind.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A server with OpenAI's chat interface.
    case openai
    /// Sentences of measured facts, made in this process.
    case builtin
  }

  public var kind: Kind
  /// The model's name at the server, or the built-in's name and version.
  public var model: String
  /// The server's base URL.
  public var endpoint: String?

  public init(kind: Kind, model: String, endpoint: String? = nil) {
    self.kind = kind
    self.model = model
    self.endpoint = endpoint
  }

  public var description: String {
    "\(kind.rawValue) \(model)"
  }
}

/// What, beside the identity, decides a describer's answer.
public struct DescriberConfiguration: Codable, Sendable, Hashable {
  /// How frames and text are put together: `stills` (text and image in turn), or
  /// `none` where nothing is sent.
  public var layout: String
  /// How frames are made ready: resizing rule and compression, with versions.
  public var preparation: String
  /// The sampling fields that are asked for.
  public var sampling: SamplingParameters?
  /// Whether the prompt decides the answer.
  public var usesPrompt: Bool
  /// Whether the describer reads the video file, not only the frames.
  public var readsVideoFile: Bool
  /// Whether the describer sends frames anywhere.
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

/// At which size a frame is shown to a model, and what it costs.
public struct FrameCost: Codable, Sendable, Equatable {
  /// Pixels.
  public let width: Int
  public let height: Int
  /// Prompt tokens, markers included.
  public let tokens: Int

  public init(width: Int, height: Int, tokens: Int) {
    self.width = width
    self.height = height
    self.tokens = tokens
  }
}
