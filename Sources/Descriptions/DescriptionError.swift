import HTTP
import Records

/// What goes wrong with describing.
public enum DescriptionError: ReportableError {
  /// No server answers.
  case serverUnreachable(endpoint: String, reason: String)
  /// The server wants another key, or any.
  case unauthorized(endpoint: String, status: Int)
  /// Something answers, but not as OpenAI's interface does.
  case notAChatServer(endpoint: String, found: String)
  /// The model that was asked for is not served.
  case unknownModel(endpoint: String, asked: String, served: [String])
  /// No model was asked for and there is not exactly one.
  case modelNotClear(endpoint: String, served: [String])
  /// The prompt's file is not a usable template.
  case badPrompt(path: String, reason: String)
  /// A video came without frames.
  case noFrames(video: String)
  /// A frame cannot be shown to the model.
  case unusableFrame(video: String, reason: String)
  /// The server refuses the request; asking again would not help.
  case refused(video: String, endpoint: String, status: Int, reason: String)
  /// The server answers, but with nothing to keep.
  case unusableAnswer(video: String, endpoint: String, reason: String)
  /// Every try failed.
  case gaveUp(video: String, endpoint: String, attempts: Int, reason: String)
  /// Servers were lost under the video's request, so that it is not sent again.
  case quarantined(video: String, losses: Int)
  /// The request names the video's file or class.
  case labelLeak(video: String, leak: LabelGuard.Leak)
  /// The endpoints do not serve the same model.
  case mixedModels(found: String)
  /// The server counts images by another family's rule than frames are sent by.
  case otherVisionFamily(endpoint: String, found: String, assumed: String)
  /// The server's count shows that it did not see all images as they were sent.
  case imagesNotSeen(endpoint: String, sent: Int, promptTokens: Int, expected: Int)
  /// The server asks for a longer pause than a run may make.
  case askedToWait(video: String, endpoint: String, seconds: Double)

  /// What a server's failure means for a video; `video` is empty before any is sent.
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
        .unusableAnswer(video: video, endpoint: endpoint, reason: reason)
      case .gaveUp(let attempts, let reason):
        .gaveUp(video: video, endpoint: endpoint, attempts: attempts, reason: reason)
      case .askedToWait(let seconds):
        .askedToWait(video: video, endpoint: endpoint, seconds: seconds)
      }
  }

  public var description: String {
    switch self {
    case .serverUnreachable(let endpoint, let reason):
      "\(endpoint): no server answers (\(reason)); start it, or name another with --endpoint"
    case .unauthorized(let endpoint, let status):
      "\(endpoint): the server refuses the key (HTTP \(status)); set KESS_API_KEY"
    case .notAChatServer(let endpoint, let found):
      "\(endpoint): no OpenAI-compatible server: \(found); "
        + "name its base URL, which mostly ends in /v1"
    case .unknownModel(let endpoint, let asked, let served):
      "\(endpoint): does not serve '\(asked)', it serves \(Self.list(served)); name one with --model"
    case .modelNotClear(let endpoint, let served):
      "\(endpoint): serves \(Self.list(served)); name one with --model"
    case .badPrompt(let path, let reason):
      "\(path): not a usable prompt: \(reason); the files in Prompts/ show the form"
    case .noFrames(let video):
      "\(video): no frames to describe; select some first"
    case .unusableFrame(let video, let reason):
      "\(video): a frame cannot be shown to the model: \(reason); crop the video, or leave it out"
    case .refused(let video, let endpoint, let status, let reason):
      "\(video): refused by \(endpoint) (HTTP \(status)): \(reason)"
        + (RequestRefusal(status: status, words: reason).remedy.map { "; \($0)" } ?? "")
    case .unusableAnswer(let video, let endpoint, let reason):
      "\(video): no usable answer from \(endpoint): \(reason); ask otherwise with --strict, "
        + "--prompt or --max-tokens"
    case .gaveUp(let video, let endpoint, let attempts, let reason):
      "\(video): \(attempts) tries at \(endpoint) failed, the last: \(reason); look at the "
        + "server's log, then run again"
    case .quarantined(let video, let losses):
      "\(video): \(losses) servers were lost while they worked on it, so it is not sent again; "
        + "look at its frames, or pass --release-quarantine"
    case .labelLeak(let video, .className(let word)):
      "\(video): not sent, because the request says '\(word)', which names its class; "
        + "take it out of the prompt, or pass --use-label to let the label in"
    case .labelLeak(let video, .fileName(let word)):
      "\(video): not sent, because the request says '\(word)', which names its file; "
        + "take it out of the prompt, which is the same for all videos"
    case .otherVisionFamily(let endpoint, let found, let assumed):
      "\(endpoint): counts images by the rule of \(found), not of \(assumed): frames would be "
        + "resized again there; pass --vision-family \(found)"
    case .imagesNotSeen(let endpoint, let sent, let promptTokens, let expected):
      "\(endpoint): counted \(promptTokens) prompt tokens for \(sent) images, expected "
        + "\(expected): it drops or resizes some; check its image limits"
    case .mixedModels(let found):
      "the endpoints serve different models (\(found)): descriptions would not be comparable; "
        + "name endpoints of one model, or pass --mix-models"
    case .askedToWait(let video, let endpoint, let seconds):
      "\(video): \(endpoint) asks to wait \(Int(seconds.rounded())) s; run again later"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .unknownModel, .modelNotClear, .mixedModels, .otherVisionFamily: .usage
    case .serverUnreachable: .serverUnreachable
    case .badPrompt, .unusableFrame, .noFrames: .unreadableInput
    case .unauthorized, .notAChatServer, .refused, .unusableAnswer, .gaveUp, .askedToWait,
      .quarantined, .labelLeak, .imagesNotSeen:
      .other
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "no model" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
