import Encoders
import Foundation
import Records
import TestSupport
import Testing

@Suite(.blocking) struct TokenizerUnicodeTests {
  private let classes: GoldenRecord.UnicodeClasses
  private let points = (0..<0x110000).compactMap { Unicode.Scalar(UInt32($0)) }

  init() throws { classes = try GoldenRecord.read().unicode }

  private func flags(_ test: (Unicode.Scalar) -> Bool) -> String {
    ContentHash.of(points.map { test($0) ? UInt8(1) : 0 })
  }

  /// All at once, each on a line of its own: a newline takes part in no normalisation.
  private func mapping(_ convert: ([Unicode.Scalar]) -> [Unicode.Scalar]) -> String {
    // The script says why this one is left out.
    let lines = points.filter { $0.value != 0x11938 }.flatMap { [$0, "\n" as Unicode.Scalar] }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: convert(lines))
    return ContentHash.of(Array(String(view).utf8))
  }

  @Test func everyCodePointIsOfTheReferencesClasses() {
    #expect(flags(\.isLetter) == classes.letters)
    #expect(flags(\.isNumber) == classes.numbers)
    #expect(flags(\.properties.isWhitespace) == classes.spaces)
    #expect(flags(\.isRemovedByBERT) == classes.removed)
    #expect(flags(\.isBERTIdeograph) == classes.ideographs)
    #expect(flags(\.isBERTPunctuation) == classes.punctuation)
  }

  @Test func everyCodePointIsNormalisedAsTheReferenceDoes() {
    #expect(mapping { $0.decomposed.filter { !$0.isBERTAccent } } == classes.stripped)
    #expect(mapping(\.lowercased) == classes.lowered)
    #expect(mapping(\.composed) == classes.composed)
  }
}
