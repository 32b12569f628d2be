import HTTP

/// One endpoint of a describer: the server, how it likes to be spoken to, and who
/// answers there.
struct ChatServer: Sendable {
  let server: ModelServer
  let identity: DescriberIdentity
  let dialect = ChatDialect()
}

/// What is asked about one video, the same at every endpoint.
struct ChatQuestion: Sendable {
  let videoID: String
  let body: ChatRequestBody
  let sampling: SamplingParameters
  /// Nil where nothing predicts the count.
  let expected: PromptTokenExpectation?
  let leaks: LabelGuard
  /// The form in which the answer is wanted; nil for plain sentences.
  let schema: AnswerSchema?
  /// How many servers were lost under it in earlier runs.
  var lossesBefore = 0
}
