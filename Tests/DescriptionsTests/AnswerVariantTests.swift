import Descriptions
import Testing

/// Answers as servers and models of many kinds wrap them; found by trying variants.
@Suite struct AnswerVariantTests {
  private static let answer = "A man with a bag opens the gate and walks away."

  @Test(
    "the model's own turn is kept, whatever is repeated before it or invented after it",
    arguments: [
      "[INST] Describe the video. [/INST] \(answer)", "<s>[INST] Describe it [/INST] \(answer)</s>",
      "user\nDescribe this video in one sentence.\nassistant\n\(answer)",
      "USER: describe ASSISTANT: \(answer)", "Human: What is seen here?\n\nAssistant: \(answer)",
      "\(answer)\n\nUser: Describe the next one please.\nAssistant: A dog runs over a field.",
      "\(answer)\nHuman: What about the car there?", "model\n\(answer)", "assistantfinal\(answer)",
      "analysisWe need to describe the frames.assistantfinal\(answer)",
      "<unused94>thought\nLook at the frames closely.<unused95>\(answer)",
      "<analysis>The frames show a gate.</analysis>\n<description>\(answer)</description>",
      "<observation>One gate is there.</observation>\(answer)",
      "\(answer)\n<think>Should I add more?</think>",
      "```text\n\(answer)\n```", "<image>\n\(answer)", "\(answer)<0x0A><0x0A>",
      "### Response:\n\(answer)", "**Description:** \(answer)", "<p>\(answer)</p>",
      "\u{FEFF}\(answer)", "\u{0}\u{1}\(answer)", "\u{202B}\(answer)",
      answer.split(separator: " ").joined(separator: "\u{120}"),
      "\u{2581}" + answer.split(separator: " ").joined(separator: "\u{2581}"),
    ])
  func wrapped(_ text: String) {
    #expect(AnswerText(text).words == Self.answer)
  }

  @Test(
    "words that only look like marks stay",
    arguments: [
      "Assistant manager Ann opens the gate for a man.",
      "The user: a man in a coat, waits at the counter. Nothing else moves.",
      "A model of a car stands on the table while two people look at it.",
      "A sign reads User entrance, and people pass below it.",
      "A man writes x < y and y > z on the board.",
    ])
  func unwrapped(_ text: String) {
    #expect(AnswerText(text).words == text && AnswerText(text).cut.isEmpty)
  }

  @Test func anAddressIsNoDescription() {
    #expect(!AnswerWords.areEnough("https://example.org/frames/one/two/three.png"))
  }

  @Test func thoughtsThatDoNotEndAreNoAnswer() {
    #expect(AnswerText("<unused94>thought\nLook at the frames closely and").words.isEmpty)
  }
}
