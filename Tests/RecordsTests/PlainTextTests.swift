import Records
import Testing

@Suite struct PlainTextTests {
  @Test func controlCharactersGoAndLineEndsStay() {
    #expect("A\u{0} man\u{FEFF}\twalks\n\u{202E}on".withoutControlCharacters == "A man\twalks\non")
    #expect(
      "Ein Mann geht über die Straße.".withoutControlCharacters
        == "Ein Mann geht über die Straße.")
  }
}
