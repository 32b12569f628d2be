/// What to select.
public struct SelectionOptions: Sendable, Equatable {
  /// How many frames.
  public var frames: Int
  public var strategy: SelectionStrategy
  public var parameters: SelectionParameters
  /// `PromptGate`'s threshold; no gate where nil.
  public var gate: Double?
  /// Threads that decode one video; the result is the same for any number.
  public var decodingThreads: Int

  public init(
    frames: Int = 8, strategy: SelectionStrategy = .kess,
    parameters: SelectionParameters = SelectionParameters(), gate: Double? = 0,
    decodingThreads: Int = 1
  ) {
    self.frames = frames
    self.strategy = strategy
    self.parameters = parameters
    self.gate = gate
    self.decodingThreads = decodingThreads
  }

  /// - Throws: `KeyEventError.badSetting`.
  public func validate() throws {
    guard frames >= 1 else {
      throw KeyEventError.badSetting(name: "frames", found: "\(frames)", allowed: "1 or more")
    }
    if let gate, !gate.isFinite {
      throw KeyEventError.badSetting(name: "gate", found: "\(gate)", allowed: "a number")
    }
    try parameters.validate()
  }
}
