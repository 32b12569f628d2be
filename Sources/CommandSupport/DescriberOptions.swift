import ArgumentParser
import Descriptions
import Foundation
import HTTP
import Pipeline

/// Which describer to use.
package enum DescriberChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case auto, openai, builtin
}

extension WritingScript: ExpressibleByArgument {}

/// The describer and its settings: the options of every command that uses servers.
package struct DescriberOptions: ParsableArguments {
  /// The environment variable with the servers, separated by commas, if `--endpoint` is missing.
  package static let endpointVariable = "KESS_ENDPOINT"

  @Option(help: "The describer: openai, a server; builtin; or auto, a server if one answers.")
  package var describer: DescriberChoice = .auto

  @Option(
    name: .customLong("endpoint"),
    help: ArgumentHelp(
      "A server's base URL; repeat it for several that serve the same model. "
        + "(default: KESS_ENDPOINT, or \(ServerEndpoint.defaultBase))",
      valueName: "url"))
  package var endpoints: [String] = []

  @Option(
    help: ArgumentHelp(
      "The served model's name. (default: the only one that is served)", valueName: "id"))
  package var model: String?

  @Flag(help: "Let endpoints serve different models.")
  package var mixModels = false

  @Option(
    help: ArgumentHelp(
      "A file with the server's API key; else KESS_API_KEY or OPENAI_API_KEY.", valueName: "file"))
  package var apiKeyFile: String?

  @Option(
    help: ArgumentHelp(
      "Parallel requests per endpoint: a number, or auto, which adapts it to the requests' "
        + "times (4 at first, at most 32).", valueName: "auto|n"))
  package var concurrency: String = "auto"

  @Option(
    help: ArgumentHelp(
      "How long to wait for a lost server, with everything paused; if given, also at the start. "
        + "(default: 600; at the start only for a server that reports that it is loading)",
      valueName: "seconds"))
  package var waitForServer: Double?

  @Option(
    help: ArgumentHelp(
      "The longest time until an answer's first byte; raise it with --no-stream.",
      valueName: "seconds"))
  package var firstByteTimeout: Double = HTTPTimeouts().firstByteSeconds

  @Option(
    help: ArgumentHelp("The longest pause within an answer.", valueName: "seconds"))
  package var progressTimeout: Double = HTTPTimeouts().noProgressSeconds

  @Flag(
    inversion: .prefixedNo,
    help: "Stream answers, so that an endless repetition is cut off at once.")
  package var stream = true

  @Option(
    help: ArgumentHelp(
      "The prompt: a name in Prompts/ or a .mustache file.", valueName: "name|file"))
  package var prompt: String = PromptTemplate.defaultName

  @Option(
    help: ArgumentHelp(
      "The served model's folder with tokenizer.json and chat template, to count the text's "
        + "tokens exactly without asking the server.", valueName: "dir"))
  package var tokenizer: String?

  @OptionGroup package var sampling: SamplingOptions

  @Option(
    help: ArgumentHelp(
      "Fields that only the server knows, added to each request: a JSON file, or the object "
        + "itself, such as '{\"chat_template_kwargs\": {\"enable_thinking\": false}}'.",
      valueName: "file|json"))
  package var extraBody: String?

  @Flag(
    help:
      "Ask again, up to twice and in another way, if an answer has a finding; each attempt is recorded."
  )
  package var strict = false

  @Option(help: "The script that descriptions are expected in.")
  package var script: WritingScript = .latin

  package init() {}

  package func validate() throws {
    _ = try concurrencyRule()
    guard firstByteTimeout > 0, progressTimeout > 0 else {
      throw ValidationError("--first-byte-timeout and --progress-timeout must be above 0")
    }
    if let waitForServer, !(waitForServer >= 0) {
      throw ValidationError("--wait-for-server must be at least 0, found \(waitForServer)")
    }
  }

  private func concurrencyRule() throws -> ConcurrencyRule {
    if concurrency == "auto" { return .automatic }
    guard let count = Int(concurrency), (1...1024).contains(count) else {
      throw ValidationError("--concurrency must be auto or 1 to 1024, found '\(concurrency)'")
    }
    return .fixed(count)
  }

  /// The servers on the command line, else those of the environment.
  private var namedEndpoints: [String] {
    if !endpoints.isEmpty { return endpoints }
    return (ProcessInfo.processInfo.environment[Self.endpointVariable] ?? "")
      .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// The describer that the options mean.
  package func source() throws -> DescriberSource {
    let named = namedEndpoints
    if describer == .builtin {
      if !named.isEmpty || model != nil {
        Console.note("the built-in describer is chosen: --endpoint and --model are ignored")
      }
      return .builtIn
    }
    var servers = DescriberServers(named)
    servers.model = model
    servers.mayMixModels = mixModels
    servers.apiKeyFile = apiKeyFile
    servers.concurrency = try concurrencyRule()
    servers.patienceSeconds = waitForServer
    servers.timeouts = HTTPTimeouts(
      firstByteSeconds: firstByteTimeout, noProgressSeconds: progressTimeout)
    servers.isStreamed = stream
    servers.tokenizer = tokenizer.map { URL(fileURLWithPath: $0, isDirectory: true) }
    servers.sampling = sampling.parameters
    servers.sampling.extraBody = try extraBody.flatMap { try ExtraBody.read($0) }
    servers.maximumTokens = sampling.maxTokens
    servers.family = sampling.family
    servers.maximumPixels = sampling.maxPixels
    servers.script = script
    servers.isStrict = strict
    return describer == .auto ? .automatic(servers) : .servers(servers)
  }
}
