import Encoders
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct FrameCropsTests {
  /// What `Golden/make_crops.py` wrote.
  private struct Record: Decodable {
    struct Picture: Decodable {
      var width: Int
      var height: Int
      var crops: [String]
    }
    var pictures: [Picture]
  }

  @Test("the ten crops are OpenCV's to the bit, larger, smaller, halved and at the same size")
  func cropsAreThoseOfOpenCV() throws {
    let record = try JSONDecoder().decode(
      Record.self, from: Data(contentsOf: Golden.url("crops.json")))
    #expect(record.pictures.count == 9)
    for picture in record.pictures {
      let frame = PictureChanges.formula(width: picture.width, height: picture.height)
      let crops = FrameCrops.vadclip10.pictures(of: frame)
      #expect(
        crops.map { ContentHash.of($0.pixels) } == picture.crops,
        "\(picture.width)x\(picture.height)")
      #expect(crops.allSatisfy { $0.width == 224 && $0.height == 224 })
    }
  }

  @Test("fewer crops are the first of the ten; the whole frame is left as it is")
  func fewerCropsAreTheFirst() {
    let frame = PictureChanges.formula(width: 320, height: 240)
    let ten = FrameCrops.vadclip10.pictures(of: frame)
    #expect(FrameCrops.vadclip1.pictures(of: frame) == Array(ten.prefix(1)))
    #expect(FrameCrops.vadclip5.pictures(of: frame) == Array(ten.prefix(5)))
    #expect(FrameCrops.whole.pictures(of: frame) == [frame])
    #expect(ten[7] == PictureChanges.mirrored(ten[2]))
    for crops in FrameCrops.allCases {
      #expect(crops.order.count == crops.count)
      #expect(crops.pictures(of: frame).count == crops.count)
    }
  }

  @Test("CLIP's own preprocessing leaves a crop as it is")
  func aCropIsNotResizedAgain() throws {
    let folder = try TemporaryFolder()
    let processor = try CLIPImageProcessor(directory: folder.url, imageSize: FrameCrops.side)
    let crops = FrameCrops.vadclip10.pictures(of: PictureChanges.formula(width: 320, height: 240))
    for crop in crops { #expect(try processor.prepared(crop) == crop) }
  }
}
