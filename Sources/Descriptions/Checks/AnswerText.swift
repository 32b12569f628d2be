import Foundation

/// The answer within a model's message: its words without the thoughts before them, and
/// without the special tokens and role names of the chat template around them.
///
/// A text that is a JSON object is not touched, because its strings may contain anything.
package struct AnswerText: Sendable, Equatable {
  /// The answer; empty if the message has none.
  package private(set) var words: String
  /// What was cut off, in the order in which it stood; empty if nothing was.
  package private(set) var cut: [String] = []
  package private(set) var thoughts: Thoughts
  /// Whether special tokens or role names were cut off.
  package private(set) var hadChatTokens = false

  /// What a message contains of the model's thoughts.
  package enum Thoughts: Sendable {
    case none
    /// Thoughts that end before the answer.
    case ended
    /// Thoughts that do not end, so that there is no answer.
    case unfinished
  }

  /// - Parameter hasReasoning: whether the server kept thoughts apart from the message.
  package init(_ message: String, hasReasoning: Bool = false) {
    words = AnswerWrapping.decoded(message.withoutControlCharacters)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    thoughts = .none
    if Self.isObject(words) { return }
    cutTurns()
    cutThoughts()
    cutChatTokens()
    if !Self.isObject(words) { cutWrapping() }
    if words.isEmpty, hasReasoning { thoughts = .unfinished }
  }

  /// What was cut off, as a note of one line for the attempt; nil if nothing was.
  package var note: String? {
    guard !cut.isEmpty else { return nil }
    let line = cut.joined(separator: " ... ").split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    return
      "cut off: '\(line.count > 2000 ? line.prefix(1000) + " ... " + line.suffix(1000) : line)'"
  }

  // MARK: Thoughts

  private struct Tag {
    let range: Range<String.Index>
    let isClosing: Bool
  }

  /// The tags that open and close thoughts: `<think>`, `</thinking>`, `[THINK]`,
  /// `<|begin_of_thought|>`, and Kimi's `◁think▷`.
  private static func tags(in text: String) -> [Tag] {
    let tag =
      /(?i)(?:<|&lt;|\[|\u{25C1})\s*\|?\s*(\/?)\s*(?:[a-z]+:)?(begin_of_|end_of_)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)\s*\|?\s*(?:>|&gt;|\]|\u{25B7})/
    var tags = text.matches(of: tag).map { match in
      Tag(
        range: match.range,
        isClosing: !match.1.isEmpty || match.2.map { $0.lowercased() == "end_of_" } == true)
    }
    // gpt-oss names its channels; the answer is in the final one.
    let channel = /<\|channel\|>\s*(analysis|commentary|final)[^<]*<\|message\|>/
    tags += text.matches(of: channel).map { Tag(range: $0.range, isClosing: $0.1 == "final") }
    // The same where the tokens are left out, and MedGemma's reserved tokens.
    let bare = /(?:^analysis(?=[A-Z\s])[\s\S]*?)?assistantfinal(?=\S)/
    tags += text.prefixMatch(of: bare).map { [Tag(range: $0.range, isClosing: true)] } ?? []
    tags += text.matches(of: /<unused9([45])>/).map {
      Tag(range: $0.range, isClosing: $0.1 == "5")
    }
    return tags.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private mutating func cutThoughts() {
    let text = words
    let tags = Self.tags(in: text)
    guard let last = tags.last else { return }
    // A JSON object after the thoughts may itself quote a tag.
    for tag in tags where tag.isClosing {
      let rest = Self.stripped(String(text[tag.range.upperBound...]))
      if Self.isObject(rest.words) {
        keep(rest.words, of: text, after: tag.range.upperBound)
        thoughts = .ended
        return
      }
    }
    let before = String(text[..<tags[0].range.lowerBound])
    let after = String(text[last.range.upperBound...])
    if !tags[0].isClosing, last.isClosing, !AnswerWords.areEnough(Self.stripped(after).words),
      AnswerWords.areEnough(before) || Self.isObject(before)
    {
      // The answer comes first, and the thoughts go on about it.
      words = before.trimmingCharacters(in: .whitespacesAndNewlines)
      cut.append(String(text[tags[0].range.lowerBound...]))
      thoughts = .ended
    } else if last.isClosing {
      keep(String(text[last.range.upperBound...]), of: text, after: last.range.upperBound)
      thoughts = .ended
    } else {
      words = ""
      cut.append(text)
      thoughts = .unfinished
    }
  }

  private mutating func keep(_ rest: String, of text: String, after place: String.Index) {
    words = rest.trimmingCharacters(in: .whitespacesAndNewlines)
    cut.append(String(text[..<place]))
  }

  // MARK: Turns of the conversation

  /// Keeps the model's own turn where the message repeats the question before it, or goes on
  /// with an invented one.
  private mutating func cutTurns() {
    for mark in [Self.repeatedQuestion, Self.repeatedInstruction] {
      guard let match = words.prefixMatch(of: mark) else { continue }
      let rest = String(words[match.range.upperBound...])
      guard !rest.allSatisfy(\.isWhitespace) else { continue }
      keep(rest, of: words, after: match.range.upperBound)
      hadChatTokens = true
    }
    if let match = words.firstMatch(of: Self.nextQuestion),
      !words[..<match.range.lowerBound].allSatisfy(\.isWhitespace)
    {
      cut.append(String(words[match.range.lowerBound...]))
      words = String(words[..<match.range.lowerBound])
        .trimmingCharacters(in: .whitespacesAndNewlines)
      hadChatTokens = true
    }
  }

  /// The user's turn and the name of the model's role after it.
  private static var repeatedQuestion: Regex<Substring> {
    /(?is)(?:#+\s*)?(?:user|human|system)\s*(?:[:\u{FF1A}]|\n).*?\s(?:#+\s*)?(?:assistant|model|gpt)\s*(?:[:\u{FF1A}]|\n)/
  }

  /// The user's turn in Llama's and Mistral's marks, up to its last end.
  private static var repeatedInstruction: Regex<Substring> {
    /(?is)(?:<s>\s*)?\[INST\].*\[\/INST\]/
  }

  /// A further turn of the user: a question, or one that the model answers itself.
  private static var nextQuestion: Regex<Substring> {
    /(?is)\n\s*(?:#+\s*)?(?:user|human)\s*[:\u{FF1A}](?:[^\n]*\?\s*$|.*\n\s*(?:#+\s*)?(?:assistant|model)\s*[:\u{FF1A}].*)/
  }

  // MARK: Wrapping

  private mutating func cutWrapping() {
    let wrapping = AnswerWrapping(words)
    guard wrapping.words != words else { return }
    if wrapping.hadBlocks { thoughts = .ended } else { hadChatTokens = true }
    words = wrapping.words
    cut += wrapping.cut
  }

  // MARK: Special tokens and role names

  private mutating func cutChatTokens() {
    let stripped = Self.stripped(words)
    guard stripped.words != words else { return }
    words = stripped.words
    cut += stripped.cut
    hadChatTokens = true
  }

  /// A text without the tokens of a chat template: those at its ends with the names of roles,
  /// everything from the token that ends the turn on, and marks within the text.
  private static func stripped(_ text: String) -> (words: String, cut: [String]) {
    var rest = text.trimmingCharacters(in: .whitespacesAndNewlines)[...]
    var cut: [String] = []
    func trim() {
      rest = rest.drop(while: \.isWhitespace)
      while rest.last?.isWhitespace == true { rest.removeLast() }
    }
    var isAfterToken = false
    while !rest.isEmpty, !isObject(String(rest)) {
      if let match = rest.prefixMatch(of: token) {
        cut.append(String(match.0))
        rest = rest[match.range.upperBound...]
        isAfterToken = true
      } else if let match = rest.prefixMatch(of: role)
        ?? (isAfterToken ? rest.prefixMatch(of: roleLine) : nil)
      {
        cut.append(String(match.0))
        rest = rest[match.range.upperBound...]
      } else {
        break
      }
      trim()
    }
    guard !isObject(String(rest)) else { return (String(rest), cut) }
    if let end = rest.firstMatch(of: turnEnd) {
      cut.append(String(rest[end.range.lowerBound...]))
      rest = rest[..<end.range.lowerBound]
    }
    trim()
    while let match = rest.firstMatch(of: lastRole) {
      cut.append(String(match.0))
      rest = rest[..<match.range.lowerBound]
      trim()
    }
    let marks = rest.matches(of: token).map { String($0.0) }
    guard !marks.isEmpty else { return (String(rest), cut) }
    let words = String(rest).replacing(token, with: "")
    return (words.trimmingCharacters(in: .whitespacesAndNewlines), cut + marks)
  }

  /// Any special token: `<|im_end|>`, `<s>`, `[INST]`, `<end_of_turn>`, `<answer>`, DeepSeek's
  /// wide bars.
  private static var token: Regex<Substring> {
    /(?i)<[|\u{FF5C}][^|<>\n\u{FF5C}]{1,40}[|\u{FF5C}]>|<\/?(?:s|bos|eos|pad|unk|answer|assistant|image|video|img|(?:start|end)_of_(?:turn|utterance|image)|eom|eot)>|\[\/?(?:INST|SYS|AVAILABLE_TOOLS|EOS|BOS)\]|<<\/?SYS>>/
  }

  /// A token that ends the model's turn, or begins another one.
  private static var turnEnd: Regex<Substring> {
    /(?i)<[|\u{FF5C}]\s*(?:im_end|im_start|im_sep|endoftext|end[_\u{2581}]?of[_\u{2581}]?(?:text|sentence|turn)|begin[_\u{2581}]?of[_\u{2581}]?(?:text|sentence)|eot|eot_id|eom|eom_id|eos|end|return|start|start_header_id|user|assistant|system)\s*[|\u{FF5C}]>|<\/?(?:s|eos|bos|pad)>|<(?:start|end)_of_(?:turn|utterance)>|\[\/?INST\]/
  }

  /// The name of the model's role with its colon, or alone on a line.
  private static var role: Regex<Substring> {
    /(?i)(?:#+\s*|\*\*)?(?:assistant|ai|bot|gpt|chatbot|model(?=\n))(?:\*\*)?\s*(?:[:\u{FF1A}](?:\*\*)?|\n|$)/
  }

  /// The same after a token, where no colon is needed.
  private static var roleLine: Regex<Substring> {
    /(?i)(?:assistant|model|final|answer)\s*(?:\n|$|(?=<))/
  }

  /// The name of the next turn's role at the end.
  private static var lastRole: Regex<Substring> {
    /(?i)\n\s*(?:#+\s*)?(?:assistant|user|human|system|model)\s*[:\u{FF1A}]?$/
  }

  /// Whether a text is a JSON object, in a Markdown fence or not.
  private static func isObject(_ text: String) -> Bool {
    AnswerSchema.fields(of: AnswerSchema.unfenced(text)) != nil
  }
}

/// Whether an answer says anything.
package enum AnswerWords {
  /// An answer with fewer words than this is no description.
  static let least = 3

  /// The words of a text that has a sentence's worth of them: at least three, of which two
  /// differ and two are longer than a letter. In scripts without spaces each letter counts.
  package static func areEnough(_ text: String) -> Bool {
    if text.wholeMatch(of: /\s*\w+:\/\/\S+\s*/) != nil { return false }
    var words: [String] = []
    var word = ""
    for character in text.lowercased() {
      if character.isLetter, !isUnspaced(character) {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if isUnspaced(character) { words.append("\(character)\(character)") }
    }
    if !word.isEmpty { words.append(word) }
    return words.count >= least && Set(words).count >= 2
      && words.count(where: { $0.count > 1 }) >= 2
  }

  /// Whether a letter belongs to a script that puts no spaces between words: Han, Kana, Thai,
  /// Lao, Khmer and Burmese.
  private static func isUnspaced(_ character: Character) -> Bool {
    guard character.isLetter, let value = character.unicodeScalars.first?.value else {
      return false
    }
    return [
      0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF,
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF,
    ].contains { (range: ClosedRange<UInt32>) in range.contains(value) }
  }
}
