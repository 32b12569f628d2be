import Synchronization

/// Which sampling fields a server does without: vLLM takes all, transformers'
/// server answers 422 to those it does not know. Learnt once for all requests.
final class ChatDialect: Sendable {
  private let omitted = Mutex<Set<String>>([])

  /// The fields that are not sent.
  var omittedFields: Set<String> { omitted.withLock { $0 } }

  /// Gives up the optional fields that a refusal of a request names, or, where it
  /// names none and has the status 422, the next group of them.
  ///
  /// - Parameter sent: what that request had left out.
  /// - Returns: whether there is something new to try.
  func giveUpFields(refusal: String, status: Int, sent: Set<String>) -> Bool {
    guard status == 422 || status == 400 else { return false }
    return omitted.withLock { omitted in
      let remaining = SamplingParameters.optionalFields.map { group in
        group.filter { !sent.contains($0) }
      }.filter { !$0.isEmpty }
      let named = remaining.joined().filter { refusal.contains($0.count > 1 ? $0 : "'\($0)'") }
      guard status == 422 || !named.isEmpty else { return false }
      // Another request has learnt it in the meantime.
      if omitted != sent { return true }
      let given = named.isEmpty ? remaining.first ?? [] : named
      omitted.formUnion(given)
      return !given.isEmpty
    }
  }
}
