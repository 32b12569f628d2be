import HTTP

/// One endpoint of a describer: the server, and how it likes to be spoken to.
struct ChatServer: Sendable {
  let server: ModelServer
  let dialect = ChatDialect()

  /// Who answers there.
  func identity(model: String) -> DescriberIdentity {
    DescriberIdentity(kind: .openai, model: model, endpoint: server.endpoint.base)
  }
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
