import Descriptions
import Foundation
import HTTP
import Records
import TestSupport
import Testing
import Workspaces

@Suite("Answer schema")
struct AnswerSchemaTests {
  private static let whole = """
    {"scene":"a shop at night","actors":["two men","a clerk"],"actions":["enter","hit the clerk"],
     "event":"The clerk is robbed.","when":"near the end","consequence":""}
    """

  private func repositoryPrompt() throws -> PromptTemplate {
    try PromptTemplate.load("describe-json", from: ResourceFolders.find(override: nil))
  }

  private func ask(_ answer: FaultInjectingServerAnswer) async throws -> (
    result: Result<Description, any Error>, sent: [String: Any]
  ) {
    let server = try FaultInjectingServer { _ in answer }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    var request = try DescribingFixture.request()
    request.prompt = try repositoryPrompt()
    do {
      return (.success(try await describer.describe(request)), server.chats[0].json ?? [:])
    } catch {
      return (.failure(error), server.chats.first?.json ?? [:])
    }
  }

  @Test("the schema is sent, and the answer becomes sentences with its JSON beside them")
  func structured() async throws {
    let (result, sent) = try await ask(.streamedChat("```json\n\(Self.whole)\n```"))
    let description = try result.get()
    #expect(
      description.text
        == "A shop at night. Two men, a clerk. Enter, hit the clerk. The clerk is robbed. "
        + "Near the end.")
    #expect(description.structured?.contains("\"event\":\"The clerk is robbed.\"") == true)
    #expect(description.findings.isEmpty)
    let format = try #require(sent["response_format"] as? [String: Any])
    #expect(format["type"] as? String == "json_schema")
    let schema = try #require(format["json_schema"] as? [String: Any])
    #expect(schema["name"] as? String == "describe-json")
    #expect((schema["schema"] as? [String: Any])?["required"] as? [String] != nil)
  }

  @Test(
    "an answer that breaks the schema is not kept, and its error names the place",
    arguments: [
      ("A shop.", "not a JSON object"), (whole.replacing("\"event\"", with: "\"what\""), "$.event"),
      (whole.replacing("\"near the end\"", with: "3"), "$.when is not a text"),
      (whole.replacing("[\"enter\",", with: "[1,"), "$.actions[0] is not a text"),
      (whole.replacing("a shop at night", with: ""), "$.scene has 0 characters"),
      (
        whole.replacing("\"scene\"", with: "\"more\":true,\"scene\""), "$.more is not in the schema"
      ),
    ])
  func violations(text: String, says: String) async throws {
    guard
      case .failure(DescriptionError.unusableAnswer(_, _, let reason, _)) =
        try await ask(.chat(text)).result
    else {
      Issue.record("'\(text)' was kept")
      return
    }
    #expect(reason.contains(says), "\(reason)")
  }

  @Test("prompts without a schema send none, and another schema makes another prompt")
  func hashes() throws {
    #expect(try DescribingFixture.prompt().schema == nil)
    let folder = try TemporaryFolder()
    let prompt = DescribingFixture.promptSource
      .replacing("version: 3", with: "version: 3\nschema: s.json\nmaximumTokens: 77")
    func hash(_ schema: String) throws -> String {
      try Data(schema.utf8).write(to: folder.file("s.json"))
      let read = try PromptTemplate(source: prompt, file: folder.file("p.mustache").path)
      #expect(read.maximumTokens == 77)
      return read.hash
    }
    let open = "{\"type\":\"object\",\"properties\":{}}"
    #expect(try hash(open) == hash("{ \"properties\": {}, \"type\": \"object\" }"))
    #expect(try hash(open) != hash("{\"type\":\"object\",\"additionalProperties\":false}"))
    for unusable in ["[", "{\"type\":\"string\"}", "{\"type\":\"object\",\"oneOf\":[]}"] {
      #expect(throws: DescriptionError.self) { try hash(unusable) }
    }
  }

  @Test(
    "a keyword with a value that cannot be checked is refused and named",
    arguments: [
      ("enum", "\"enum\":[\"a\",1]"), ("enum", "\"enum\":\"a\""),
      ("minLength", "\"minLength\":\"1\""),
      ("maxLength", "\"maxLength\":1.5"), ("maxLength", "\"maxLength\":true"),
      ("minLength", "\"minLength\":-1"), ("minLength", "\"minLength\":3,\"maxLength\":2"),
      ("maxLength", "\"maxLength\":null"),
    ])
  func unreadKeyword(name: String, keyword: String) throws {
    try expectRefused("$.a", name, "\"properties\":{\"a\":{\"type\":\"string\",\(keyword)}}")
  }

  @Test(
    "an object's keyword with a value that cannot be checked is refused and named",
    arguments: [
      ("required", "\"required\":[\"a\",1]"), ("required", "\"required\":true"),
      ("additionalProperties", "\"additionalProperties\":{\"type\":\"string\"}"),
      ("additionalProperties", "\"additionalProperties\":0"), ("properties", "\"properties\":[]"),
    ])
  func unreadObjectKeyword(name: String, keyword: String) throws {
    try expectRefused("$", name, keyword)
  }

  private func expectRefused(_ path: String, _ name: String, _ keywords: String) throws {
    let folder = try TemporaryFolder()
    try Data("{\"type\":\"object\",\(keywords)}".utf8).write(to: folder.file("s.json"))
    let source = DescribingFixture.promptSource
      .replacing("version: 3", with: "version: 3\nschema: s.json")
    let error = try #require(throws: DescriptionError.self) {
      try PromptTemplate(source: source, file: folder.file("p.mustache").path)
    }
    #expect(error.description.contains("\(path): '\(name)' is"), "\(error)")
  }
}

@Suite("Describe plan")
struct DescribePlanTests {
  @Test("requests, tokens and hours are known before the first request")
  func line() {
    var plan = DescribePlan()
    plan.videos = 10
    plan.done = 4
    plan.requests = 6
    plan.imageTokens = 6 * 808
    plan.requestsPerSecond = 0.5
    plan.measuredRequests = 4
    plan.hours = 6 / 0.5 / 3600
    #expect(
      plan.line
        == "describe: 10 videos (4 done), 6 requests, 4848 image tokens, "
        + "0.50 requests/s (measured on 4), 0.00 h")
  }
}
