import DescriptionFeatures
import Testing

@Suite struct TextsToEmbedTests {
  private func fields(_ text: String) -> [String] {
    TextsToEmbed(videoID: "v", description: text, levels: [.field]).items.map {
      "\($0.label ?? "-")=\($0.text)"
    }
  }

  @Test("a description at three levels")
  func threeLevels() {
    let texts = TextsToEmbed(
      videoID: "v", description: "A man runs. He falls.", levels: [.whole, .sentence, .field])
    #expect(
      texts.items == [
        .init(level: .whole, text: "A man runs. He falls."),
        .init(level: .sentence, text: "A man runs."), .init(level: .sentence, text: "He falls."),
      ])
  }

  @Test(
    "JSON objects, named lines and prose",
    arguments: [
      (
        #"{"where": "a shop", "actors": ["two men", "a dog"], "extra": {"mood": "tense", "n": 3}}"#,
        ["actors=two men; a dog", "extra.mood=tense", "where=a shop"]
      ),
      (
        "Actors: two men\n- **Where:** a shop\n  near the till\n3) What happens: a fight",
        ["Actors=two men", "Where=a shop near the till", "What happens=a fight"]
      ),
      ("At 12:30 a man says: stop. Then he runs.", []),
      ("Summary: only one name is prose.", []),
      (#"{"broken": "#, []),
      (#"{"empty": " ", "number": 4}"#, []),
    ] as [(String, [String])])
  func fieldsAreFound(text: String, expected: [String]) {
    #expect(fields(text) == expected)
  }

  @Test("class prompts have the form of labels")
  func classPrompts() {
    let texts = TextsToEmbed(className: "RoadAccidents", prompts: ["road accident", "a crash"])
    #expect(texts.items.map(\.text) == ["a video of road accident", "a video of a crash"])
    #expect(texts.items.allSatisfy { $0.level == .classPrompt })
  }
}
