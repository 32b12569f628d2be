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
  /// names, or, where it names none and has the status 422, the next group of them; each
  /// group alone, then all, so that nothing is learnt of fields that did no harm.
  ///
  /// - Parameters:
  ///   - asked: the fields of that request.
  ///   - omitted: which of them it had left out.
  /// - Returns: nil where there is nothing new to try. What the refusal named is learnt at
  ///   once; a guess only when it has worked.
  func fieldsToOmit(
    refusal: String, status: Int, asked: [String], omitted: Set<String>
  ) -> Set<String>? {
    guard status == 422 || status == 400 else { return nil }
    let known = omittedFields
    let groups = SamplingParameters.optionalFields.map { group in
      Set(group.filter { asked.contains($0) && !known.contains($0) })
    }.filter { !$0.isEmpty }
    let all = groups.reduce(into: Set<String>()) { $0.formUnion($1) }
    let named = all.subtracting(omitted).filter { refusal.contains($0.count > 1 ? $0 : "'\($0)'") }
    if !named.isEmpty {
      learn(named)
      return omitted.union(named)
    }
    let guessed = omitted.subtracting(known)
    guard status == 422, guessed != all else { return nil }
    let place = guessed.isEmpty ? 0 : groups.firstIndex(of: guessed).map { $0 + 1 } ?? groups.count
    return known.union(place < groups.count ? groups[place] : all)
  }
}
