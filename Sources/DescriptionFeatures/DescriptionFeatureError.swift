import Records

/// The errors of description features.
public enum DescriptionFeatureError: ReportableError {
  case emptyText(owner: String)
  /// The encoder's vector is zero or not finite.
  case notFinite(owner: String, encoder: String)
  case damagedShard(path: String, finding: String)
  /// The folder belongs to another recipe.
  case otherRecipe(path: String, found: String, expected: String)
  /// The key belongs to another encoder.
  case otherEncoder(key: String, found: String, expected: String)
  case damagedRecipe(ledger: String, key: String, finding: String)
  /// The workspace has no features of the encoder.
  case noFeatures(workspace: String, encoder: String, present: [String])
  /// More than one recipe fits.
  case severalFeatures(workspace: String, keys: [String])
  case noSuchKey(workspace: String, key: String, present: [String])
  /// The rule for long texts needs token counts that the encoder does not have.
  case tokensUnknown(encoder: String, rule: String)

  public var description: String {
    switch self {
    case .emptyText(let owner):
      "\(owner): the text is empty; describe the video again"
    case .notFinite(let owner, let encoder):
      "\(owner): \(encoder) returned a vector that is zero or not finite; check its weights"
    case .damagedShard(let path, let finding):
      "\(path): the file is damaged: \(finding); run embed again, which embeds the texts of this "
        + "file anew and keeps all others"
    case .otherRecipe(let path, let found, let expected):
      "\(path): the features were made by \(found), expected \(expected); move the folder away "
        + "and run embed again"
    case .otherEncoder(let key, let found, let expected):
      "\(key): the features were made by \(found), expected \(expected) as in the options; pass "
        + "the encoder that made them, or another key"
    case .damagedRecipe(let ledger, let key, let finding):
      "\(ledger): the record of text features '\(key)' is damaged: \(finding); "
        + "restore the ledger from a backup"
    case .noFeatures(let workspace, let encoder, let present):
      "\(workspace): the workspace has no text features of \(encoder)"
        + (present.isEmpty ? "" : ", only of \(present.joined(separator: "; "))")
        + "; run describe and embed first, or pass another encoder"
    case .severalFeatures(let workspace, let keys):
      "\(workspace): several text features fit: \(keys.joined(separator: ", ")); "
        + "choose one with --key (train-dbm: --text-features)"
    case .noSuchKey(let workspace, let key, let present):
      "\(workspace): the workspace has no text features '\(key)'; "
        + (present.isEmpty
          ? "run embed first" : "choose one of \(present.joined(separator: ", "))")
    case .tokensUnknown(let encoder, let rule):
      "\(encoder): --long \(rule) needs token counts, which a server does not report; pass a "
        + "folder with the model's tokenizer with --tokenizer, or --long truncate"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .severalFeatures, .noSuchKey, .otherEncoder, .tokensUnknown: .usage
    default: .unreadableInput
    }
  }
}
