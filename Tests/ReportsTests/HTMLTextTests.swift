import Reports
import Testing

@Suite struct HTMLTextTests {
  @Test(
    "markup characters become entities",
    arguments: [
      ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
      ("a & b &amp; c", "a &amp; b &amp;amp; c"),
      ("\" onload=\"x", "&quot; onload=&quot;x"),
      ("it's ]]> </style>", "it&#39;s ]]&gt; &lt;/style&gt;"),
    ])
  func markup(text: String, expected: String) {
    #expect(HTMLText.escaped(text) == expected)
  }

  @Test(
    "line separators of every kind become line feeds",
    arguments: ["a\u{2028}b", "a\u{2029}b", "a\r\nb", "a\rb", "a\u{85}b", "a\u{0C}b", "a\nb"])
  func lineSeparators(text: String) {
    #expect(HTMLText.escaped(text) == "a\nb")
    #expect(HTMLText.escapedLine(text) == "a b")
  }

  @Test("characters that reorder or hide text become visible codes")
  func hiddenCharacters() {
    #expect(HTMLText.escaped("x\u{202E}gpj.exe") == "x[U+202E]gpj.exe")
    #expect(HTMLText.escaped("a\u{2066}b\u{2069}c\u{200B}d") == "a[U+2066]b[U+2069]c[U+200B]d")
    #expect(HTMLText.escaped("\0\u{1B}[31m\u{7F}") == "[U+0000][U+001B][31m[U+007F]")
    #expect(HTMLText.escaped("\u{FFFF}\u{1FFFE}\u{E0041}") == "[U+FFFF][U+1FFFE][U+E0041]")
  }

  @Test("letters of every script and emoji stay as they are")
  func ordinaryText() {
    let text = "Straße 街道 شارع नमस्ते 👩‍🚒 naïve e\u{301}\t."
    #expect(HTMLText.escaped(text) == text)
  }
}
