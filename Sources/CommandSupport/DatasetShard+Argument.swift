import ArgumentParser
import Datasets

extension DatasetShard: ExpressibleByArgument {
  /// Reads `2/4`.
  public init?(argument: String) {
    self.init(argument)
  }

  /// The form on a command line.
  public var defaultValueDescription: String { "\(number)/\(count)" }
}
