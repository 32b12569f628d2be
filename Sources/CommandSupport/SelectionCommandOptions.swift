import ArgumentParser
import KeyEvents

extension SelectionStrategy: ExpressibleByArgument {}

/// `PromptGate`'s threshold on a command line: a number, or `off`.
package struct GateThreshold: ExpressibleByArgument, Sendable {
  /// nil for `off`.
  package let value: Double?

  package init(_ value: Double?) { self.value = value }

  package init?(argument: String) {
    if argument == "off" {
      self.init(nil)
    } else if let number = Double(argument), number.isFinite {
      self.init(number)
    } else {
      return nil
    }
  }

  package var defaultValueDescription: String { value.map { "\($0)" } ?? "off" }
}

/// How key frames are chosen.
package struct SelectionCommandOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The number of key frames.", valueName: "n"))
  package var frames: Int = 8

  @Option(help: "The strategy.")
  package var strategy: SelectionStrategy = .kess

  @Option(
    help: ArgumentHelp("kess: from 0, the most relevant, to 1, evenly spread.", valueName: "s"))
  package var spread: Double = SelectionParameters().spread

  @Option(help: ArgumentHelp("bolt: the exponent that sharpens relevance.", valueName: "p"))
  package var power: Double = SelectionParameters().power

  @Option(help: ArgumentHelp("facility-location: the weight of relevance.", valueName: "a"))
  package var relevanceWeight: Double = SelectionParameters().relevanceWeight

  @Option(help: ArgumentHelp("facility-location: the weight of coverage.", valueName: "b"))
  package var coverageWeight: Double = SelectionParameters().coverageWeight

  @Option(
    help: ArgumentHelp(
      "facility-location: the share of nearness in time in a similarity; the rest is appearance.",
      valueName: "w"))
  package var timeWeight: Double = SelectionParameters().timeWeight

  @Option(
    help: ArgumentHelp(
      "facility-location: the time in which nearness falls to 1/e. (default: duration / frames)",
      valueName: "seconds"))
  package var decay: Double?

  @Option(
    help: ArgumentHelp(
      "The margin by which a prompt must match some frame better than the normal prompts (for "
        + "a free query: neutral words); else visual change decides. 'off' for no gate.",
      valueName: "margin|off"))
  package var gate = GateThreshold(SelectionOptions().gate)

  @OptionGroup package var relevance: RelevanceOptions

  package init() {}

  package func validate() throws {
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
  package var options: SelectionOptions {
    SelectionOptions(
      frames: frames, strategy: strategy,
      parameters: SelectionParameters(
        spread: spread, power: power, relevanceWeight: relevanceWeight,
        coverageWeight: coverageWeight, timeWeight: timeWeight, decaySeconds: decay),
      gate: gate.value)
  }
}
