/// Why a server gave nothing to keep. Rooms turn it into an error of their own,
/// which knows what was asked for and by which option the server was named.
public enum ServerFailure: Error, Sendable, Equatable {
  /// No server answers.
  case unreachable(reason: String)
  /// Something answers, but not yet with models: a server that is starting.
  case loading(reason: String)
  /// The server wants another key, or any.
  case unauthorized(status: Int)
  /// Something answers, but does not list its models.
  case noModelList(found: String)
  /// The model that was asked for is not served.
  case unknownModel(asked: String, served: [String])
  /// No model was asked for and there is not exactly one.
  case modelNotClear(served: [String])
  /// The server refuses the request; asking again would not help.
  case refused(status: Int, reason: String)
  /// The server answers, but with nothing to keep.
  case unusableAnswer(reason: String)
  /// Every try failed.
  case gaveUp(attempts: Int, reason: String)
  /// The server asks for a longer pause than a run may make.
  case askedToWait(seconds: Double)
}
