/// How the tokens of a request's text are known before it is sent.
package enum PromptTextCost: Sendable {
  /// By what the same prompt's text cost before the run.
  case measured(PromptCost)
  /// By the served model's own tokenizer.
  case counted(ChatTextTokenizer)

  /// The tokens of a message's text, chat template included, images and their markers
  /// not.
  package func textTokens(of parts: [PromptTemplate.Part]) -> Int {
    switch self {
    case .measured(let cost):
      cost.textTokens(
        of: PromptTemplate.words(of: parts),
        frames: parts.count { if case .frame = $0 { true } else { false } })
    case .counted(let tokenizer): tokenizer.textTokens(of: parts)
    }
  }
}
