import Foundation
import TestSupport
import Testing
import Video

@Suite struct ContactSheetTests {
  @Test func eachCellShowsItsPictureAndCaption() throws {
    let cells = (0..<6).map { index in
      (
        image: RGBImage(width: 64, height: 48, red: UInt8(40 * index + 30)),
        caption: ["frame \(index)"]
      )
    }
    let sheet = ContactSheet.draw(cells: cells, title: "six", columns: 3, thumbnailWidth: 96)
    let plain = ContactSheet.draw(
      cells: cells.map { ($0.image, []) }, title: "six", columns: 3, thumbnailWidth: 96)
    #expect(sheet.width == 2 * 16 + 3 * (96 + 16) + 2 * 8)
    #expect(sheet.height == plain.height + 2 * (8 + 17))
    for index in 0..<6 {
      let x = 16 + index % 3 * 120 + 8 + 48
      let y = 16 + 28 + 8 + index / 3 * (72 + 16 + 25 + 8) + 8 + 36
      #expect(sheet.pixels[(y * sheet.width + x) * 3] == UInt8(40 * index + 30))
    }
  }
}
