import Records

/// What goes wrong with description features.
public enum DescriptionFeatureError: ReportableError {
  case emptyText(owner: String)
  case notFinite(owner: String, encoder: String)
  case damagedShard(path: String, finding: String)
  case otherRecipe(path: String, found: String, expected: String)
  case otherEncoder(key: String, found: String, expected: String)
  case damagedRecipe(ledger: String, key: String, finding: String)
  case noFeatures(workspace: String, encoder: String, present: [String])
  case severalFeatures(workspace: String, keys: [String])
  case noSuchKey(workspace: String, key: String, present: [String])
  case tokensUnknown(encoder: String, rule: String)

  public var description: String {
    switch self {
    case .emptyText(let owner):
      "\(owner): the text is empty; describe the video again"
    case .notFinite(let owner, let encoder):
      "\(owner): \(encoder) gave a vector that is zero or not finite; check its weights"
    case .damagedShard(let path, let finding):
      "\(path): damaged: \(finding); run embed again: it replaces the texts in this file, "
        + "and the others stay"
    case .otherRecipe(let path, let found, let expected):
      "\(path): made by \(found), expected \(expected); move the folder away and run embed again"
    case .otherEncoder(let key, let found, let expected):
      "\(key): made by \(found), the options name \(expected); name the encoder that made it, "
        + "or another key"
    case .damagedRecipe(let ledger, let key, let finding):
      "\(ledger): the record of text features '\(key)' is damaged: \(finding); "
        + "restore the ledger from a copy"
    case .noFeatures(let workspace, let encoder, let present):
      "\(workspace): no text features of \(encoder)"
        + (present.isEmpty ? "" : ", there are \(present.joined(separator: "; "))")
        + "; run describe and embed first, or name another encoder"
    case .severalFeatures(let workspace, let keys):
      "\(workspace): several text features fit: \(keys.joined(separator: ", ")); "
        + "name one with --key (train-dbm: --text-features)"
    case .noSuchKey(let workspace, let key, let present):
      "\(workspace): no text features '\(key)'; "
        + (present.isEmpty ? "run embed first" : "there are \(present.joined(separator: ", "))")
    case .tokensUnknown(let encoder, let rule):
      "\(encoder): a server does not count tokens, which --long \(rule) needs; name a folder with "
        + "the model's tokenizer with --tokenizer, or take --long truncate"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .severalFeatures, .noSuchKey, .otherEncoder, .tokensUnknown: .usage
    default: .unreadableInput
    }
  }
}
