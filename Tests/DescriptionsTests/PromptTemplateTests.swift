import Descriptions
import Foundation
import Records
import TestSupport
import Testing

@Suite("Prompt template")
struct PromptTemplateTests {
  @Test("texts and frames come in turn, times with one decimal, the instruction last")
  func parts() throws {
    let parts = try DescribingFixture.prompt().render(
      durationSeconds: 12.34, frameSeconds: [0, 41.649])
    #expect(
      parts == [
        .text(
          "A video of 12.3 s, 2 stills in time order, unevenly spaced.\n"
            + "Frame 1 of 2, time 0.0 s:"),
        .frame(0), .text("\nFrame 2 of 2, time 41.6 s:"), .frame(1), .text("\nWhat happens?"),
      ])
  }

  @Test("name and version come from the front matter, the hash from the whole file")
  func identity() throws {
    let prompt = try DescribingFixture.prompt()
    #expect(prompt.name == "test" && prompt.version == "3")
    #expect(prompt.hash == ContentHash.of(Data(DescribingFixture.promptSource.utf8)))
    #expect(try DescribingFixture.prompt(DescribingFixture.promptSource + " ").hash != prompt.hash)
  }

  @Test("nothing is escaped as HTML")
  func noEscaping() throws {
    let source = DescribingFixture.promptSource.replacingOccurrences(
      of: "What happens?", with: "Who & what \"is\" <there>?")
    let parts = try DescribingFixture.prompt(source).render(durationSeconds: 1, frameSeconds: [0])
    #expect(parts.last == .text("\nWho & what \"is\" <there>?"))
  }

  @Test(
    "the error for an unusable prompt names the file and the mistake",
    arguments: [
      ("no front matter", "front matter"),
      ("---\nname: a\n---\n{{#frames}}{{image}}{{/frames}}", "version"),
      ("---\nname: a\nversion: 1\nmood: b\n---\n{{#frames}}{{image}}{{/frames}}", "mood"),
      ("---\nname: a\nversion: 1\n---\nWhat happens?", "{{image}}"),
      ("---\nname: a\nversion: 1\n---\n{{#frames}}{{image}}{{image}}{{/frames}}", "{{image}}"),
      ("---\nname: a\nversion: 1\n---\n{{#frames}}{{image}}", "frames"),
    ])
  func refused(source: String, word: String) throws {
    let error = try #require(throws: DescriptionError.self) { try DescribingFixture.prompt(source) }
    #expect(error.description.hasPrefix("test.mustache:"))
    #expect(error.description.contains(word))
    #expect(error.failureKind == .unreadableInput)
  }

  @Test("the project's own prompt can be loaded by name and by path")
  func shipped() throws {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let file = root.appendingPathComponent("Prompts/describe.mustache")
    let folder = try TemporaryFolder()
    for name in ["Prompts", "Datasets"] {
      try FileManager.default.createDirectory(
        at: folder.file(name), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(at: file, to: folder.file("Prompts/describe.mustache"))
    let resources = try ResourceFolders.find(override: folder.url.path)
    let named = try PromptTemplate.load(from: resources)
    #expect(named.name == "describe")
    #expect(try PromptTemplate.load(file.path, from: resources).hash == named.hash)
    let parts = named.render(durationSeconds: 60, frameSeconds: [1, 2, 3])
    #expect(parts.filter { if case .frame = $0 { true } else { false } }.count == 3)
    #expect(throws: RecordError.self) { try PromptTemplate.load("none", from: resources) }
  }
}
