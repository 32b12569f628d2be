import Foundation
import Records
import Testing

@Suite("strict JSON")
struct StrictJSONTests {
  private func value(_ text: String) throws -> StrictJSON {
    try StrictJSON(parsing: Data(text.utf8))
  }

  @Test("values of every kind, with white space between their parts")
  func values() throws {
    let value = try value(" { \"a\" : [ 1 , -2.5e1, true,false ,null ] ,\n\t\"b\":\"c\"}\r\n")
    let items = try #require(value["a"]?.items)
    #expect(items.count == 5)
    #expect(items[0].integer == 1 && items[1].integer == -25)
    #expect(items[2].flag == true && items[3].flag == false)
    guard case .null = items[4] else {
      Issue.record("no null")
      return
    }
    #expect(value["b"]?.text == "c" && value["c"] == nil)
    #expect(try self.value("{}").pairs?.isEmpty == true)
    #expect(try self.value("[]").items?.isEmpty == true)
  }

  @Test("pairs keep the file's order and keys that differ only in how accents are encoded")
  func keys() throws {
    let pairs = try #require(try value(#"{"e\u0301":1,"\u00e9":2,"b":3,"b":4}"#).pairs)
    #expect(pairs.map { Array($0.key.unicodeScalars).count } == [2, 1, 1, 1])
    #expect(pairs.map(\.value.integer) == [1, 2, 3, 4])
  }

  @Test("escapes become what they stand for")
  func escapes() throws {
    let text = try value(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00x""#).text
    #expect(text == "\"\\/\u{8}\u{C}\n\r\té😀x")
  }

  @Test(
    "what is no JSON is refused with its fault",
    arguments: [
      ("", "no number at byte 0"), ("{", "no '\"'"), ("[1", "no ']'"), ("[1,]", "no number"),
      ("{\"a\" 1}", "no ':'"), ("{\"a\":1,}", "no '\"'"), ("1 2", "text after the end"),
      ("01", "leading zeros"), ("-01", "leading zeros"), ("+1", "no number"), (".5", "no number"),
      ("1.", "no number"), ("1e", "no number"), ("0x10", "text after the end"),
      ("nan", "no 'null'"), ("tru", "no 'true'"), ("True", "no number"), ("'a'", "no number"),
      ("\"a", "without an end"), ("\"a\\", "without an end"), ("\"\\x\"", "unknown escape"),
      ("\"\\u+123\"", "hexadecimal"), ("\"\\u12\"", "hexadecimal"), ("\"\\ud800\"", "surrogate"),
      ("\"\\ud800\\u0041\"", "surrogate"), ("\"\\udc00\"", "surrogate"),
      ("\"a\u{1}\"", "control character"), ("\"a\nb\"", "control character"),
    ])
  func faults(text: String, mention: String) {
    let failure = #expect(throws: StrictJSON.Failure.self) { try value(text) }
    #expect(failure?.found.contains(mention) == true, "\(failure?.found ?? "")")
  }

  @Test("a string that is not UTF-8 is refused")
  func encoding() {
    #expect(throws: StrictJSON.Failure.self) { try StrictJSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test("values are nested to a depth of 64")
  func levels() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try value(nested(64))
    let failure = #expect(throws: StrictJSON.Failure.self) { try value(nested(65)) }
    #expect(failure?.found.contains("more than 64 levels") == true)
    #expect(throws: StrictJSON.Failure.self) { try value(String(repeating: "[", count: 1 << 20)) }
  }

  @Test("numbers keep their digits for the reader")
  func numbers() throws {
    let bytes = Array(" 9223372036854775808,".utf8)
    let (text, next) = try bytes.withUnsafeBytes { buffer in
      var reader = StrictJSON.Reader(buffer)
      return (try reader.number(), reader.nextByte())
    }
    #expect(text == "9223372036854775808" && next == UInt8(ascii: ","))
  }
}
