import ArgumentParser
import KeyEvents

extension SelectionStrategy: ExpressibleByArgument {}

/// `PromptGate`'s threshold on a command line: a number, or `off`.
public struct GateThreshold: ExpressibleByArgument, Sendable {
  /// nil for `off`.
  public let value: Double?

  public init(_ value: Double?) { self.value = value }

  public init?(argument: String) {
    if argument == "off" {
      self.init(nil)
    } else if let number = Double(argument), number.isFinite {
      self.init(number)
    } else {
      return nil
    }
  }

  public var defaultValueDescription: String { value.map { "\($0)" } ?? "off" }
}

/// How key frames are chosen.
public struct SelectionCommandOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The number of key frames.", valueName: "n"))
  public var frames: Int = 8

  @Option(help: "The strategy.")
  public var strategy: SelectionStrategy = .kess

  @Option(
    help: ArgumentHelp("kess: from 0, the most relevant, to 1, evenly spread.", valueName: "s"))
  public var spread: Double = SelectionParameters().spread

  @Option(help: ArgumentHelp("bolt: the exponent that sharpens relevance.", valueName: "p"))
  public var power: Double = SelectionParameters().power

  @Option(help: ArgumentHelp("facility-location: the weight of relevance.", valueName: "a"))
  public var relevanceWeight: Double = SelectionParameters().relevanceWeight

  @Option(help: ArgumentHelp("facility-location: the weight of coverage.", valueName: "b"))
  public var coverageWeight: Double = SelectionParameters().coverageWeight

  @Option(
    help: ArgumentHelp(
      "facility-location: the share of nearness in time in a similarity; the rest is appearance.",
      valueName: "w"))
  public var timeWeight: Double = SelectionParameters().timeWeight

  @Option(
    help: ArgumentHelp(
      "facility-location: the time in which nearness falls to 1/e. (default: duration / frames)",
      valueName: "seconds"))
  public var decay: Double?

  @Option(
    help: ArgumentHelp(
      "The margin by which a prompt must match some frame better than the normal prompts (for "
        + "a free query: neutral words); else visual change decides. 'off' for no gate.",
      valueName: "margin|off"))
  public var gate = GateThreshold(SelectionOptions().gate)

  @OptionGroup public var relevance: RelevanceOptions

  public init() {}

  public func validate() throws {
    guard frames >= 1 else {
      throw ValidationError("--frames must be at least 1, found \(frames)")
    }
    do {
      try options.validate()
    } catch let error as KeySelectionError {
      throw ValidationError("--\(error.description)")
    }
  }

  /// The options of the selector.
  public var options: SelectionOptions {
    SelectionOptions(
      frames: frames, strategy: strategy,
      parameters: SelectionParameters(
        spread: spread, power: power, relevanceWeight: relevanceWeight,
        coverageWeight: coverageWeight, timeWeight: timeWeight, decaySeconds: decay),
      gate: gate.value)
  }
}
