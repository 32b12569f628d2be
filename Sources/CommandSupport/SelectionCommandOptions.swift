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

/// How key frames are chosen: the same options wherever they are.
public struct SelectionCommandOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many frames.", valueName: "n"))
  public var frames: Int = 8

  @Option(help: "How they are chosen.")
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
      "facility-location: how much of a likeness is nearness in time; the rest is looks.",
      valueName: "w"))
  public var timeWeight: Double = SelectionParameters().timeWeight

  @Option(
    help: ArgumentHelp(
      "facility-location: over how long nearness falls to 1/e. (default: duration / frames)",
      valueName: "seconds"))
  public var decay: Double?

  @Option(
    help: ArgumentHelp(
      "By how much a prompt must fit some frame better than normality does (a free query: than "
        + "neutral words); else visual change is covered. 'off' for no gate.",
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
