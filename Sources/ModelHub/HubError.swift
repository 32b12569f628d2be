import Records

/// Errors of a model hub and its cache.
package enum HubError: ReportableError {
  case badID(text: String)
  case offline(variable: String)
  case unreachable(endpoint: String, reason: String)
  case refused(model: String, status: Int)
  case notFound(model: String, revision: String, endpoint: String)
  case unexpectedAnswer(address: String, found: String, expected: String)
  case nothingToFetch(model: String, files: [String])
  case wrongHash(file: String, found: String, expected: String)
  case noSpace(folder: String, neededBytes: Int, freeBytes: Int)
  case cannotWrite(path: String, reason: String)

  package var description: String {
    switch self {
    case .badID(let text):
      "'\(text)': not a model id; write org/name or org/name@revision"
    case .offline(let variable):
      "\(variable) is set: nothing is fetched; unset it, or copy the model into the cache"
    case .unreachable(let endpoint, let reason):
      "\(endpoint): cannot be reached: \(reason); connect, name a mirror with --endpoint or "
        + "HF_ENDPOINT, or copy the model's folder here; the part fetched so far is kept"
    case .refused(let model, let status):
      "\(model): the hub refuses (HTTP \(status)): no such model, or a private or gated one; "
        + "check the name, accept its terms on its page, and set HF_TOKEN"
    case .notFound(let model, let revision, let endpoint):
      "\(model)@\(revision): not at \(endpoint); check the name and the revision"
    case .unexpectedAnswer(let address, let found, let expected):
      "\(address): found \(found), expected \(expected); try again, or another --endpoint"
    case .nothingToFetch(let model, let files):
      "\(model): no weights among its files (\(files.prefix(6).joined(separator: ", "))); "
        + "expected safetensors or PyTorch files"
    case .wrongHash(let file, let found, let expected):
      "\(file): its hash is \(found), expected the hub's \(expected); it was removed: fetch it "
        + "again"
    case .noSpace(let folder, let needed, let free):
      "\(folder): \(free / 1_000_000) MB free, \(needed / 1_000_000) MB needed; free space or set "
        + "HF_HOME to another disk"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written: \(reason); the part fetched so far is kept"
    }
  }

  package var failureKind: FailureKind {
    switch self {
    case .badID: .usage
    case .offline, .unreachable: .serverUnreachable
    case .refused, .notFound, .unexpectedAnswer, .nothingToFetch, .wrongHash: .unreadableInput
    case .noSpace, .cannotWrite: .other
    }
  }
}
