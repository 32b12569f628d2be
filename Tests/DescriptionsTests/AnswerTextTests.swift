import Descriptions
import Testing

@Suite("Answer text")
struct AnswerTextTests {
  private static let answer = "A man falls; nobody helps him."

  @Test(
    "what follows the last closing tag is the answer, whatever the tag is called",
    arguments: [
      "<think>I look.</think>\n\n", "I look at the frames.\n</think>\n", "<thinking>a</thinking>",
      "<THINK>a</THINK> ", "<Thought>\na\n</Thought>\n", "<reasoning>a</reasoning>",
      "<think>a</think> no, wait <think>b</think>", "a</think>b</think>", "<think></think>",
      "[THINK]a[/THINK]", "\u{25C1}think\u{25B7}a\u{25C1}/think\u{25B7}",
      "<|begin_of_thought|>a<|end_of_thought|>", "<seed:think>a</seed:think>",
      "&lt;think&gt;a&lt;/think&gt;", "< think >a</ think >",
      "<|channel|>analysis<|message|>I look<|end|><|start|>assistant<|channel|>final<|message|>",
    ])
  func thoughts(before: String) {
    let read = AnswerText(before + Self.answer)
    #expect(read.words == Self.answer && read.thoughts == .ended)
    #expect(read.note != nil)
  }

  @Test(
    "thoughts that do not end are never an answer",
    arguments: [
      "<think>I look at the frames", "<think>", "A man falls. <think>Is that right?",
      "<think>a</think>b<think>c", "<think>a</think>", "I look.\n</think>\n",
      "\u{25C1}think\u{25B7}a",
      "<|channel|>analysis<|message|>I look at the frames",
    ])
  func unfinished(text: String) {
    let read = AnswerText(text)
    #expect(read.words.isEmpty && read.thoughts != .none && !read.cut.isEmpty)
  }

  @Test("reasoning apart from an empty message is no answer; beside an answer it is none of it")
  func apart() {
    #expect(AnswerText("", hasReasoning: true).thoughts == .unfinished)
    let read = AnswerText(Self.answer, hasReasoning: true)
    #expect(read.words == Self.answer && read.thoughts == .none && read.cut.isEmpty)
  }

  @Test(
    "special tokens and role names around an answer are cut off",
    arguments: [
      ("", "<|im_end|>"), ("", "<|im_end|>\n<|im_start|>user\nAnd now?"), ("", "<|endoftext|>"),
      ("<|im_start|>assistant\n", "<|im_end|>"), ("<s>", "</s>"), ("<s> ", " </s></s>"),
      ("[/INST] ", ""), ("", "<|eot_id|>"), ("", "<end_of_turn>"), ("", "<end_of_utterance>"),
      ("<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
      ("<start_of_turn>model\n", "<end_of_turn>"), ("assistant:", ""), ("Assistant: ", ""),
      ("ASSISTANT\n", ""), ("### Assistant:\n", ""), ("**Assistant:** ", ""), ("AI: ", ""),
      ("", "\nUser:"), ("", "\n\nassistant"), ("<|begin_of_box|>", "<|end_of_box|>"),
      ("<answer>", "</answer>"), ("", "<\u{FF5C}end\u{2581}of\u{2581}sentence\u{FF5C}>"),
      ("<pad><pad>", "<eos>"),
    ])
  func tokens(before: String, after: String) {
    let read = AnswerText(before + Self.answer + after)
    #expect(read.words == Self.answer && read.hadChatTokens && read.thoughts == .none)
    // The same after thoughts.
    let both = AnswerText("I look.</think>\n" + before + Self.answer + after)
    #expect(both.words == Self.answer && both.thoughts == .ended)
  }

  @Test(
    "words that only look like tokens stay",
    arguments: [
      "An assistant helps a customer: both leave.", "The assistant: a man in grey, waits.",
      "Assistant manager talks to a man.", "AI is not seen here at all.",
      "A model walks by; he thinks (thinking hard) of a user.", "Speed < 5 and > 3 km/h, a car.",
      "A bot: small, white, drives on.", "**A man** falls; [1] nobody helps.",
      "一个人走进商店，然后摔倒了。",
    ])
  func plain(text: String) {
    let read = AnswerText(text)
    #expect(read.words == text && read.cut.isEmpty && read.note == nil)
  }

  @Test(
    "a JSON object keeps what its strings contain, with or without thoughts before it",
    arguments: [
      #"{"scene":"a sign says </think>","who":"<|im_end|>"}"#,
      "```json\n{\"scene\":\"<think>\"}\n```",
    ])
  func objects(json: String) {
    #expect(AnswerText(json).words == json && AnswerText(json).cut.isEmpty)
    let read = AnswerText("<think>I look.</think>\n" + json + "<|im_end|>")
    #expect(read.thoughts == .ended)
    #expect(AnswerText("I look </think> again.</think>" + json).words == json)
  }

  @Test(
    "an answer needs three words, of which two differ",
    arguments: [
      ("A man falls", true), ("Smoke rises slowly.", true), ("一个人走进商店。", true),
      ("男性が店に入る", true), ("ชายคนหนึ่งล้ม", true), ("한 남자가 가게에 들어간다.", true),
      ("Человек падает на землю", true), ("رجل يسقط على الأرض", true),
      ("", false), ("!!!!!!!!!!!!!!!!!!!!!!!!", false), ("N/A", false), ("N/A N/A N/A", false),
      ("None.", false), ("**\n- \n---", false), ("🚗🚗🚗🔥", false), ("1 2 3 4 5", false),
      ("no no no no", false), ("好的", false), ("。。。", false), ("A B C D E", false),
      ("&nbsp;&nbsp;&nbsp;", false), ("Fire, smoke", false),
    ])
  func words(text: String, areEnough: Bool) {
    #expect(AnswerWords.areEnough(text) == areEnough)
  }
}
