import CommandSupport
import Testing

@Suite struct TextTableTests {
  @Test func numbersStandToTheRightAndNoLineEndsInSpaces() {
    var table = TextTable(["name", "value"])
    table.add(["a", "1.5"])
    table.add(["long", "10"])
    #expect(table.lines == ["name  value", "a       1.5", "long     10"])
  }
}
