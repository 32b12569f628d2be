import Synchronization

/// Which sampling fields a server does without: vLLM takes all, transformers'
/// server answers 422 to those it does not know. Learnt once for all requests.
final class ChatDialect: Sendable {
  private let omitted = Mutex<Set<String>>([])

  /// The fields that are not sent.
  var omittedFields: Set<String> { omitted.withLock { $0 } }

  /// Takes note of fields that the server surely refuses.
  func learn(_ fields: Set<String>) {
    omitted.withLock { $0.formUnion(fields) }
  }

  /// What to leave out after a refusal of a request: the optional fields that it
  /// names, or, where it names none and has the status 422, the next group of them.
  ///
  /// - Parameters:
  ///   - asked: the fields of that request.
  ///   - omitted: which of them it had left out.
  /// - Returns: more than `omitted`; nil where there is nothing new to try. What the
  ///   refusal named is learnt at once; a guess only when it has worked.
  func fieldsToOmit(
    refusal: String, status: Int, asked: [String], omitted: Set<String>
  ) -> Set<String>? {
    guard status == 422 || status == 400 else { return nil }
    let remaining = SamplingParameters.optionalFields.map { group in
      group.filter { asked.contains($0) && !omitted.contains($0) }
    }.filter { !$0.isEmpty }
    let named = remaining.joined().filter { refusal.contains($0.count > 1 ? $0 : "'\($0)'") }
    if !named.isEmpty {
      learn(Set(named))
      return omitted.union(named)
    }
    guard status == 422, let next = remaining.first else { return nil }
    return omitted.union(next)
  }
}
