import Foundation
import HTTP
import TestSupport
import Testing

@Suite("Server endpoint")
struct ServerEndpointTests {
  @Test(
    "a base URL is brought to one form",
    arguments: [
      ("http://localhost:8000/v1", "http://localhost:8000/v1"),
      ("http://localhost:8000/v1///", "http://localhost:8000/v1"),
      ("http://localhost:8000", "http://localhost:8000/v1"),
      ("HTTPS://gpu.example/llm/v1/chat/completions", "https://gpu.example/llm/v1"),
      ("http://[::1]:80/v1", "http://[::1]:80/v1"),
    ])
  func forms(text: String, base: String) throws {
    #expect(try ServerEndpoint(text).base == base)
  }

  @Test(
    "a server's own additions lie beside its interface",
    arguments: [
      ("http://localhost:8000", "http://localhost:8000/tokenize"),
      ("https://gpu.example/llm/v1", "https://gpu.example/llm/tokenize"),
      ("https://gpu.example/api", "https://gpu.example/api/tokenize"),
    ])
  func beside(text: String, url: String) throws {
    #expect(try ServerEndpoint(text).urlBeside("tokenize") == url)
  }

  @Test(
    "what is not a web address is wrong usage",
    arguments: [
      "", "localhost:8000", "file:///etc/passwd", "ftp://h/v1", "http://", "http://h/v1?a=b",
    ])
  func refused(text: String) throws {
    let error = try #require(throws: HTTPError.self) { try ServerEndpoint(text) }
    #expect(error.failureKind == .usage)
  }

  @Test("a password in the address is refused and not repeated")
  func password() throws {
    let error = try #require(throws: HTTPError.self) {
      try ServerEndpoint("http://user:hunter2@host/v1")
    }
    #expect(!error.description.contains("hunter2"))
  }
}

@Suite("API key")
struct APIKeyTests {
  @Test("a file comes before the variables, our variable before OpenAI's")
  func order() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("key")
    try Data("from-file\n".utf8).write(to: file)
    let both = ["KESS_API_KEY": "from-kess", "OPENAI_API_KEY": "from-openai"]
    let keys = [
      try APIKey.find(file: file.path, environment: both), try APIKey.find(environment: both),
      try APIKey.find(environment: ["OPENAI_API_KEY": "from-openai"]),
      try APIKey.find(environment: ["KESS_API_KEY": ""]),
    ]
    #expect(
      keys.map { $0?.header.value } == [
        "Bearer from-file", "Bearer from-kess", "Bearer from-openai", nil,
      ])
    #expect(keys[0]?.header.name == "Authorization")
  }

  @Test("it is not printed by any of the usual ways")
  func redacted() throws {
    let key = try APIKey("hunter2", source: "test")
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
      #expect(!text.contains("hunter2"))
    }
  }

  @Test("an unusable key is wrong usage, and is not repeated")
  func unusable() throws {
    for text in ["", "  \n", "hunter2\r\nX-Other: 1", "hünter2"] {
      let error = try #require(throws: HTTPError.self) { try APIKey(text, source: "KEY") }
      #expect(error.description.hasPrefix("KEY:") && !error.description.contains("nter2"))
      #expect(error.description.contains("--api-key-file"))
    }
    #expect(throws: HTTPError.self) {
      try APIKey.find(file: "/nowhere/key", environment: [:])
    }
  }
}
