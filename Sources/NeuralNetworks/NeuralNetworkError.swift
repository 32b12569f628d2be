import Records

/// What goes wrong when parameters are loaded.
public enum NeuralNetworkError: ReportableError, Equatable {
  case missingTensor(name: String, expected: [Int])
  case wrongShape(name: String, found: [Int], expected: [Int])

  public var description: String {
    switch self {
    case .missingTensor(let name, let expected):
      "tensor '\(name)': not there, expected shape \(expected); "
        + "use weights of a model with the same configuration"
    case .wrongShape(let name, let found, let expected):
      "tensor '\(name)': found shape \(found), expected \(expected); "
        + "use weights of a model with the same configuration"
    }
  }

  public var failureKind: FailureKind { .unreadableInput }
}
