import HTTP
import Records

/// The errors of describing.
public enum DescriptionError: ReportableError {
  /// No server can be reached.
  case serverUnreachable(endpoint: String, reason: String)
  /// The server does not accept the API key, or requires one.
  case unauthorized(endpoint: String, status: Int)
  /// The server answers, but does not have OpenAI's interface.
  case notAChatServer(endpoint: String, found: String)
  /// The server does not serve the requested model.
  case unknownModel(endpoint: String, asked: String, served: [String])
  /// No model was requested, and the server does not serve exactly one.
  case modelNotClear(endpoint: String, served: [String])
  /// The prompt's file cannot be used as a template.
  case badPrompt(path: String, reason: String)
  /// The text or file of `--extra-body` cannot be used.
  case badExtraBody(source: String, reason: String)
  /// A request has no frames.
  case noFrames(video: String)
  /// The model does not accept a frame.
  case unusableFrame(video: String, reason: String)
  /// The server refuses the request, and would refuse it again.
  case refused(video: String, endpoint: String, status: Int, reason: String)
  /// A server that accepted a request with one picture refuses one with more.
  case picturesRefused(endpoint: String, sent: Int, status: Int?, reason: String)
  /// The server's answer cannot be used.
  case unusableAnswer(
    video: String, endpoint: String, reason: String, remedy: AnswerRemedy = .askOtherwise)
  /// Every attempt failed.
  case gaveUp(video: String, endpoint: String, attempts: Int, reason: String)
  /// Servers were lost under the video's request, so it is not sent again.
  case quarantined(video: String, losses: Int)
  /// The request contains the name of the video's file or class.
  case labelLeak(video: String, leak: LabelGuard.Leak)
  /// The endpoints serve different models.
  case mixedModels(found: String)
  /// The server counts images by the rule of another family than the assumed one.
  case otherVisionFamily(endpoint: String, found: String, assumed: String)
  /// The server's count shows that it dropped or resized images.
  case imagesNotSeen(endpoint: String, sent: Int, promptTokens: Int, expected: Int)
  /// The server asks for a longer pause than a run may make.
  case askedToWait(video: String, endpoint: String, seconds: Double)

  /// The error for a server's failure; `video` is empty before any request is sent.
  init(_ failure: ServerFailure, endpoint: String, video: String = "") {
    self =
      switch failure {
      case .unreachable(let reason), .loading(let reason):
        .serverUnreachable(endpoint: endpoint, reason: reason)
      case .unauthorized(let status): .unauthorized(endpoint: endpoint, status: status)
      case .noModelList(let found): .notAChatServer(endpoint: endpoint, found: found)
      case .unknownModel(let asked, let served):
        .unknownModel(endpoint: endpoint, asked: asked, served: served)
      case .modelNotClear(let served): .modelNotClear(endpoint: endpoint, served: served)
      case .refused(let status, let reason):
        .refused(video: video, endpoint: endpoint, status: status, reason: reason)
      case .unusableAnswer(let reason):
        .unusableAnswer(
          video: video, endpoint: endpoint, reason: reason, remedy: .checkServer)
      case .gaveUp(let attempts, let reason):
        .gaveUp(video: video, endpoint: endpoint, attempts: attempts, reason: reason)
      case .askedToWait(let seconds):
        .askedToWait(video: video, endpoint: endpoint, seconds: seconds)
      }
  }

  public var description: String {
    switch self {
    case .serverUnreachable(let endpoint, let reason):
      "\(endpoint): the server cannot be reached (\(reason)); start it, or pass another "
        + "--endpoint"
    case .unauthorized(let endpoint, let status):
      "\(endpoint): the server does not accept the API key (HTTP \(status)); set KESS_API_KEY"
    case .notAChatServer(let endpoint, let found):
      "\(endpoint): expected an OpenAI-compatible server, found: \(found); "
        + "pass the server's base URL, which usually ends in /v1"
    case .unknownModel(let endpoint, let asked, let served):
      "\(endpoint): the server serves \(Self.list(served)), expected '\(asked)'; pass one of its "
        + "models with --model"
    case .modelNotClear(let endpoint, let served):
      "\(endpoint): the server serves \(Self.list(served)), expected exactly one model; choose "
        + "one with --model"
    case .badPrompt(let path, let reason):
      "\(path): the file cannot be used as a prompt: \(reason); compare it with the files in "
        + "Prompts/"
    case .noFrames(let video):
      "\(video): there are no frames to describe; check that the video contains frames"
    case .unusableFrame(let video, let reason):
      "\(video): the model does not accept a frame of this video: \(reason); crop the video, or "
        + "leave it out"
    case .refused(let video, let endpoint, let status, let reason):
      "\(video): \(endpoint) refused the request (HTTP \(status)): \(Self.open(reason))"
        + (Self.remedy(status: status, reason: reason).map { "; \($0)" } ?? "")
    case .picturesRefused(let endpoint, let sent, let status, let reason):
      "\(endpoint): the server takes 1 picture, not \(sent)"
        + "\(status.map { " (HTTP \($0))" } ?? ""): \(Self.open(reason)); "
        + (Self.remedy(status: status ?? 500, reason: reason, isMany: true)
          ?? RequestRefusal.imageLimit.remedy ?? "lower --frames")
    case .unusableAnswer(let video, let endpoint, let reason, let remedy):
      "\(video): the answer from \(endpoint) cannot be used: \(reason); \(remedy.words)"
    case .gaveUp(let video, let endpoint, let attempts, let reason):
      "\(video): \(attempts) attempts at \(endpoint) failed, the last with: "
        + "\(Self.open(reason)); check the server's log, then run again"
    case .badExtraBody(let source, let reason):
      "\(source): the extra fields of a request cannot be used: \(reason)"
    case .quarantined(let video, let losses):
      "\(video): \(losses) servers were lost while they worked on it, so it is not sent again; "
        + "check its frames, or pass --release-quarantine"
    case .labelLeak(let video, .className(let word)):
      "\(video): the request was not sent, because it contains '\(word)', the video's class; "
        + "remove the word from the prompt, or pass --use-label to allow the label"
    case .labelLeak(let video, .fileName(let word)):
      "\(video): the request was not sent, because it contains '\(word)', the video's file name; "
        + "remove the word from the prompt, which is the same for all videos"
    case .otherVisionFamily(let endpoint, let found, let assumed):
      "\(endpoint): the server counts images by the rule of \(found), expected that of "
        + "\(assumed), so it would resize frames again; pass --vision-family \(found)"
    case .imagesNotSeen(let endpoint, let sent, let promptTokens, let expected):
      "\(endpoint): the server counted \(promptTokens) prompt tokens for \(sent) images, expected "
        + "\(expected), so it drops or resizes some; check its image limits"
    case .mixedModels(let found):
      "the endpoints serve different models (\(found)), so descriptions would not be comparable; "
        + "pass endpoints of one model, or --mix-models"
    case .askedToWait(let video, let endpoint, let seconds):
      "\(video): \(endpoint) asks to wait \(Int(seconds.rounded())) s, which is too long for a "
        + "run; run again later"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .unknownModel, .modelNotClear, .mixedModels, .otherVisionFamily, .badExtraBody: .usage
    case .refused(_, _, let status, let reason)
    where RequestRefusal(status: status, words: reason) == .noVision:
      .usage
    case .serverUnreachable: .serverUnreachable
    case .badPrompt, .unusableFrame, .noFrames: .unreadableInput
    case .unauthorized, .notAChatServer, .refused, .picturesRefused, .unusableAnswer, .gaveUp,
      .askedToWait,
      .quarantined, .labelLeak, .imagesNotSeen:
      .other
    }
  }

  /// The next step after a refusal.
  private static func remedy(status: Int, reason: String, isMany: Bool = false) -> String? {
    if reason.hasSuffix(ChatServer.proxyEnding) { return RequestRefusal.tooLarge.remedy }
    let cause = RequestRefusal(status: status, words: reason)
    // A server that read one picture reads JPEGs.
    return isMany && cause == .badMedia ? nil : RequestRefusal.remedy(status: status, words: reason)
  }

  /// A sentence to which a remedy is added.
  private static func open(_ sentence: String) -> String {
    var sentence = sentence[...]
    while let last = sentence.last, last.isWhitespace || ".;".contains(last) {
      sentence.removeLast()
    }
    return String(sentence)
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "no model" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
