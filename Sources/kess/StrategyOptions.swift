import ArgumentParser
import CommandSupport
import KeyEvents

/// Which strategies are compared.
struct StrategyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which strategies, separated by commas. (default: all of them)", valueName: "names"))
  var strategies: StrategyList?

  @Option(
    help: ArgumentHelp(
      "kess: from 0, the most relevant, to 1, evenly spread.", valueName: "s"))
  var spread = SelectionParameters.standardSpread

  func validate() throws {
    guard (0...1).contains(spread) else {
      throw ValidationError("--spread must be from 0 to 1, found \(spread)")
    }
  }

  /// The parameters of all strategies; all but `spread` have their defaults.
  var parameters: SelectionParameters { SelectionParameters(spread: spread) }

  var chosenStrategies: [SelectionStrategy] { strategies?.names ?? SelectionStrategy.allCases }
}

/// Strategies by name, separated by commas, each once.
struct StrategyList: ExpressibleByArgument {
  let names: [SelectionStrategy]

  init?(argument: String) {
    var names: [SelectionStrategy] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let strategy = SelectionStrategy(rawValue: String(word)) else { return nil }
      if !names.contains(strategy) { names.append(strategy) }
    }
    guard !names.isEmpty else { return nil }
    self.names = names
  }

  static var allValueStrings: [String] { SelectionStrategy.allCases.map(\.rawValue) }
}
