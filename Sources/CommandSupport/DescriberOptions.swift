import ArgumentParser
import Descriptions
import Foundation
import HTTP
import Records

/// Which describer is asked for.
public enum DescriberChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case auto, openai, builtin
}

/// Finds the describer that a command line means.
public struct DescriberOptions: Sendable {
  /// The variable that names a server where `--endpoint` does not.
  public static let endpointVariable = "KESS_ENDPOINT"

  private let choice: DescriberChoice
  private let endpoint: String?
  private let model: String?
  private let apiKeyFile: String?
  private let maximumTokens: Int

  public init(
    choice: DescriberChoice, endpoint: String?, model: String?, apiKeyFile: String?,
    maximumTokens: Int
  ) {
    self.choice = choice
    self.endpoint = endpoint ?? ProcessInfo.processInfo.environment[Self.endpointVariable]
    self.model = model
    self.apiKeyFile = apiKeyFile
    self.maximumTokens = maximumTokens
  }

  /// The describer. `auto` falls back to the built-in only where nobody named a
  /// server and none answers at the usual place.
  public func connect() async throws -> any Describer {
    guard choice != .builtin else {
      if endpoint != nil || model != nil {
        Console.note("the built-in describer is asked for: --endpoint and --model are not used")
      }
      return BuiltInDescriber()
    }
    var options = OpenAIDescriber.Options()
    options.sampling.maximumTokens = maximumTokens
    do {
      return try await OpenAIDescriber.connect(
        endpoint: endpoint ?? ServerEndpoint.defaultBase, model: model,
        key: APIKey.find(file: apiKeyFile), options: options)
    } catch let error as DescriptionError {
      guard choice == .auto, endpoint == nil, error.failureKind == .serverUnreachable else {
        throw error
      }
      Console.note(
        "no server at \(ServerEndpoint.defaultBase): using the built-in describer "
          + "(measured facts, no understanding)")
      return BuiltInDescriber()
    }
  }
}
