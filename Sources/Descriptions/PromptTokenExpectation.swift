/// How many prompt tokens a server should count for a request.
struct PromptTokenExpectation: Sendable, Equatable {
  let tokens: Int
  /// The tokens of the smallest image, without its markers.
  let smallestImageTokens: Int

  /// Whether images were lost, shrunk or enlarged: the count is off by half the
  /// smallest image or more.
  func isMissed(by counted: Int) -> Bool {
    2 * abs(counted - tokens) >= smallestImageTokens
  }
}
