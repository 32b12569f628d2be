import ArgumentParser

/// Which text encoder to use.
package enum TextChoice: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
  case auto, clip, bert, builtin
  /// A server's base URL.
  case server(String)

  package init?(argument: String) {
    switch argument {
    case "auto": self = .auto
    case "clip": self = .clip
    case "bert": self = .bert
    case "builtin": self = .builtin
    case let url where url.hasPrefix("http://") || url.hasPrefix("https://"): self = .server(url)
    default: return nil
    }
  }

  var isServer: Bool {
    if case .server = self { true } else { false }
  }

  package static var allValueStrings: [String] { ["auto", "clip", "bert", "builtin", "<url>"] }

  package var description: String {
    switch self {
    case .auto: "auto"
    case .clip: "clip"
    case .bert: "bert"
    case .builtin: "builtin"
    case .server(let url): url
    }
  }

  package var defaultValueDescription: String { description }
}
