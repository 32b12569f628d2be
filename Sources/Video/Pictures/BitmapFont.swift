import Foundation

/// The text of contact sheets: a fixed-width bitmap font of the 95 printable ASCII
/// characters and a middle dot, 8 x 14 pixels with its spacing, drawn for this project.
package enum BitmapFont {
  /// The distance from one character to the next in pixels.
  package static let advance = 8
  /// The rows of a character. Capitals use rows 2 to 10, descenders reach row 13.
  package static let height = 14

  /// The middle dot has the code after the tilde.
  private static let middleDot: UInt8 = 127

  /// The rows of a character, top first, with the leftmost pixel in the highest bit. A
  /// question mark replaces missing characters.
  package static func rows(of character: UInt8) -> ArraySlice<UInt8> {
    let known = (32...middleDot).contains(character) ? character : UInt8(ascii: "?")
    let index = Int(known - 32)
    return bitmap[index * height..<(index + 1) * height]
  }

  /// The text in characters of the font: accents are dropped, typographic dashes and quotes
  /// become plain, other characters become question marks.
  package static func plain(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar.value {
      case 32..<127: result.append(UInt8(scalar.value))
      case 0x300...0x36F: continue
      case 0x2010...0x2015, 0x2212: result.append(UInt8(ascii: "-"))
      case 0x2018, 0x2019: result.append(UInt8(ascii: "'"))
      case 0x201C, 0x201D: result.append(UInt8(ascii: "\""))
      case 0xB7, 0x2022: result.append(middleDot)
      case 0xD7: result.append(UInt8(ascii: "x"))
      case 0x2026: result += Array("...".utf8)
      case 9, 10, 13, 0xA0, 0x2009, 0x202F: result.append(UInt8(ascii: " "))
      default: result.append(UInt8(ascii: "?"))
      }
    }
    return result
  }

  /// Draws text into a picture with its top left corner at (`x`, `y`). Parts outside the
  /// picture are cut off.
  ///
  /// - Parameter scale: Pixels per font pixel.
  static func draw(
    _ text: [UInt8], into image: inout RGBImage, x: Int, y: Int, scale: Int, colour: RGBColour
  ) {
    for (position, character) in text.enumerated() {
      let left = x + position * advance * scale
      for (row, bits) in rows(of: character).enumerated() where bits != 0 {
        for column in 0..<advance where bits & (0x80 >> UInt8(column)) != 0 {
          image.fill(
            x: left + column * scale, y: y + row * scale, width: scale, height: scale,
            with: colour)
        }
      }
    }
  }

  // One line per character, two digits per row.
  private static let bitmap: [UInt8] = glyphs.split(separator: "\n").flatMap { line in
    var digits = line.prefix(2 * height).utf8.makeIterator()
    return (0..<height).map { _ in nibble(digits.next()) << 4 | nibble(digits.next()) }
  }

  private static func nibble(_ digit: UInt8?) -> UInt8 {
    guard let digit else { return 0 }
    return digit < 58 ? digit - 48 : digit - 87
  }

  private static let glyphs = #"""
    0000000000000000000000000000 space
    0000303030303030003030000000 !
    006c6c6c48000000000000000000 "
    00006c6cfe6c6c6cfe6c6c000000 #
    00307cc0c0780c0c0cf830300000 $
    0000c4cc1818306060cc8c000000 %
    0000386c6c3876dccccc76000000 &
    0030303060000000000000000000 '
    0018306060606060603018000000 (
    0060301818181818183060000000 )
    00000030b47878b4300000000000 *
    000000003030fc30300000000000 +
    0000000000000000003030306000 ,
    0000000000007c7c000000000000 -
    0000000000000000003030000000 .
    00000c0c1818306060c0c0000000 /
    000078ccccdcfceccccc78000000 0
    00003070f03030303030fc000000 1
    000078cc0c0c183060c0fc000000 2
    000078cc0c0c380c0ccc78000000 3
    0000183838585898fc1818000000 4
    0000fcc0c0f80c0c0ccc78000000 5
    00003860c0c0f8cccccc78000000 6
    0000fc0c0c181830306060000000 7
    000078cccccc78cccccc78000000 8
    000078cccccc7c0c0c1870000000 9
    0000000000303000003030000000 :
    0000000000303000003030306000 ;
    0000000c18306030180c00000000 <
    0000000000fc00fc000000000000 =
    000000c06030183060c000000000 >
    000078cc0c0c1830003030000000 ?
    00007cc6c6ded6dec0c27c000000 @
    00003078ccccccfccccccc000000 A
    0000f8ccccccf8ccccccf8000000 B
    000078ccc0c0c0c0c0cc78000000 C
    0000f0d8ccccccccccd8f0000000 D
    0000fcc0c0c0f8c0c0c0fc000000 E
    0000fcc0c0c0f8c0c0c0c0000000 F
    000078ccc0c0dccccccc7c000000 G
    0000ccccccccfccccccccc000000 H
    0000783030303030303078000000 I
    00001c0c0c0c0c0ccccc78000000 J
    0000ccccd8f0e0f0d8cccc000000 K
    0000c0c0c0c0c0c0c0c0fc000000 L
    0000c6eefed6d6c6c6c6c6000000 M
    0000ccececfcfcdcdccccc000000 N
    000078cccccccccccccc78000000 O
    0000f8ccccccf8c0c0c0c0000000 P
    000078ccccccccccccdc780c0000 Q
    0000f8ccccccf8f0d8cccc000000 R
    000078ccc0c0780c0ccc78000000 S
    0000fc3030303030303030000000 T
    0000cccccccccccccccc78000000 U
    0000cccccccccccc787830000000 V
    0000c6c6c6c6d6d6feeec6000000 W
    0000cccc7878307878cccc000000 X
    0000cccccc787830303030000000 Y
    0000fc0c0c183060c0c0fc000000 Z
    0070606060606060606070000000 [
    0000c0c060603018180c0c000000 \
    0070303030303030303070000000 ]
    003078cc00000000000000000000 ^
    000000000000000000000000fe00 _
    0060301000000000000000000000 `
    00000000780c7ccccccc7c000000 a
    0000c0c0f8ccccccccccf8000000 b
    0000000078ccc0c0c0cc78000000 c
    00000c0c7ccccccccccc7c000000 d
    0000000078ccccfcc0c078000000 e
    0000386060f86060606060000000 f
    000000007ccccccccccc7c0ccc78 g
    0000c0c0f8cccccccccccc000000 h
    0030300070303030303078000000 i
    000c0c001c0c0c0c0c0c0ccccc78 j
    0000c0c0ccd8f0e0f0d8cc000000 k
    0000703030303030303078000000 l
    00000000fcd6d6d6d6d6d6000000 m
    00000000f8cccccccccccc000000 n
    0000000078cccccccccc78000000 o
    00000000f8ccccccccccf8c0c0c0 p
    000000007ccccccccccc7c0c0c0c q
    00000000dce0c0c0c0c0c0000000 r
    000000007cc0c0780c0cf8000000 s
    00003030fc30303030301c000000 t
    00000000cccccccccccc7c000000 u
    00000000cccccccc787830000000 v
    00000000c6c6d6d6d6fe6c000000 w
    00000000cccc783078cccc000000 x
    00000000cccccccccccc7c0ccc78 y
    00000000fc0c183060c0fc000000 z
    001c30303060c0603030301c0000 {
    0030303030303030303030303000 |
    00e0303030180c18303030e00000 }
    000000000066cc00000000000000 ~
    0000000000001818000000000000 middle dot
    """#
}
