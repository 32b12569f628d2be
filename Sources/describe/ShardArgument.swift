import ArgumentParser
import Datasets

extension DatasetShard: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }

  public var defaultValueDescription: String { "\(number)/\(count)" }
}
