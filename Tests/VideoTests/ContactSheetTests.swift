import Foundation
import TestSupport
import Testing
import Video

@Suite struct ContactSheetTests {
  private func cells(_ count: Int, caption: [String] = ["frame"]) -> [(
    image: RGBImage, caption: [String]
  )] {
    (0..<count).map { (RGBImage(width: 64, height: 48, red: UInt8(40 * $0 + 30)), caption) }
  }

  /// The part of a sheet with one cell where its caption is.
  private func captionArea(_ text: String) -> RGBImage {
    let sheet = ContactSheet.draw(
      cells: cells(1, caption: [text]), title: "", columns: 1, thumbnailWidth: 320)
    return sheet.cropped(
      x: 0, y: 16 + 8 + 240 + 8, width: sheet.width, height: sheet.height - 272 - 16)
  }

  @Test func eachCellShowsItsPictureAndCaption() {
    let sheet = ContactSheet.draw(cells: cells(6), title: "six", columns: 3, thumbnailWidth: 96)
    let plain = ContactSheet.draw(
      cells: cells(6, caption: []), title: "six", columns: 3, thumbnailWidth: 96)
    #expect(sheet.width == 2 * 16 + 3 * (96 + 16) + 2 * 8)
    #expect(sheet.height == plain.height + 2 * (8 + 17))
    for index in 0..<6 {
      let x = 16 + index % 3 * 120 + 8 + 48
      let y = 16 + 28 + 8 + index / 3 * (72 + 16 + 25 + 8) + 8 + 36
      #expect(sheet.pixels[(y * sheet.width + x) * 3] == UInt8(40 * index + 30))
    }
  }

  @Test func captionsDifferByTheirLetters() {
    #expect(captionArea("12.48 s") != captionArea("12.43 s"))
    #expect(captionArea("naïve – “x”") == captionArea("naive - \"x\""))
    #expect(captionArea("雪") == captionArea("?"))
    #expect(captionArea("line\nline") == captionArea("line line"))
  }

  @Test func longTextIsCutWithAnEllipsisInsideTheCard() {
    let long = String(repeating: "W", count: 90)
    #expect(captionArea(long) == captionArea(String(repeating: "W", count: 37) + "..."))
    #expect(
      ContactSheet.draw(cells: cells(1), title: long, columns: nil).width
        == ContactSheet.draw(cells: cells(1), title: "W", columns: nil).width)
  }

  @Test func longLinesBreakBetweenWordsThreeTimesAtMost() {
    let words = Array(repeating: "seven77", count: 5).joined(separator: " ")  // 39 of 40
    let one = captionArea(words)
    let two = captionArea(words + " next")
    #expect(two.height == one.height + 17)
    #expect(
      two.cropped(x: 0, y: 0, width: two.width, height: 17)
        == one.cropped(x: 0, y: 0, width: one.width, height: 17))
    let endless = captionArea(Array(repeating: words, count: 9).joined(separator: " "))
    #expect(endless.height == one.height + 34)
  }

  @Test func columnsFollowThePageWhenNotGiven() {
    let six = ContactSheet.draw(cells: cells(6), title: "t", columns: nil, thumbnailWidth: 96)
    #expect(six.width > six.height)
    #expect(six.width == 2 * 16 + 3 * 112 + 2 * 8)
  }

  @Test func tallPicturesAndNoneFit() {
    let tall = ContactSheet.draw(
      cells: [(RGBImage(width: 10, height: 900), ["tall"])], title: "", columns: nil,
      thumbnailWidth: 96)
    #expect(tall.height == 2 * 16 + 144 + 2 * 8 + 25)
    #expect(ContactSheet.draw(cells: [], title: "none", columns: nil).height > 0)
  }

  @Test func theFontHasAllOfASCIIEachDifferent() {
    let glyphs = (UInt8(33)..<127).map { Array(BitmapFont.rows(of: $0)) }
    #expect(Set(glyphs).count == 94)
    #expect(glyphs.allSatisfy { $0.count == 14 && $0.contains { $0 != 0 } })
    // The last column is the gap to the next character.
    #expect(glyphs.allSatisfy { $0.allSatisfy { $0 & 1 == 0 } })
    #expect(BitmapFont.rows(of: 32).allSatisfy { $0 == 0 })
    #expect(
      BitmapFont.rows(of: UInt8(ascii: "T")).elementsEqual([
        0, 0, 0xFC, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0, 0, 0,
      ]))
  }
}
