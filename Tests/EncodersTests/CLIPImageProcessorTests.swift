import Encoders
import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct CLIPImageProcessorTests {
  private let record: GoldenRecord

  init() throws { record = try GoldenRecord.read() }

  private func processor(_ configuration: Data? = nil, imageSize: Int) throws -> CLIPImageProcessor
  {
    let folder = try TemporaryFolder()
    try configuration?.write(to: folder.file("preprocessor_config.json"))
    return try CLIPImageProcessor(directory: folder.url, imageSize: imageSize)
  }

  private func hash(_ values: [Float]) -> String {
    values.withUnsafeBytes { ContentHash.of(Data($0)) }
  }

  @Test func realPicturesAreResizedAndCutBitForBitAsByPillow() throws {
    let processor = try processor(imageSize: 224)
    for (picture, expected) in zip(try record.pictures(), record.prepared224) {
      #expect(ContentHash.of(try processor.prepared(picture).pixels) == expected)
    }
  }

  @Test func awkwardSizesAreResizedAndNormalisedBitForBit() throws {
    let processor = try processor(imageSize: 224)
    for size in record.formula {
      let picture = PictureChanges.formula(width: size.width, height: size.height)
      let prepared = try processor.prepared(picture)
      #expect(ContentHash.of(prepared.pixels) == size.prepared, "\(size.width)x\(size.height)")
      let values = try processor.pixelValues(of: picture)
      #expect(hash(values.scalars) == size.values, "\(size.width)x\(size.height)")
    }
  }

  @Test func everyOptionOfTheConfigurationIsFollowed() throws {
    let picture = try record.pictures()[5]
    for variant in record.variants {
      let processor = try processor(Data(variant.options.utf8), imageSize: variant.side)
      let values = try processor.pixelValues(of: picture)
      #expect(hash(values.scalars) == variant.values, "\(variant.options)")
    }
  }

  @Test func theOlderNumberFormOfSizesMeansTheSame() throws {
    let data = Data(#"{"size": 224, "crop_size": 224, "resample": 3}"#.utf8)
    let picture = PictureChanges.formula(width: 300, height: 250)
    let old = try processor(data, imageSize: 224).prepared(picture)
    #expect(try old == processor(imageSize: 224).prepared(picture))
  }

  @Test func aWindowEqualsTheSamePartOfTheWholeResult() {
    let picture = PictureChanges.formula(width: 97, height: 61)
    let whole = ResampleFilter.bicubic.resize(
      picture, width: 40, height: 130, columns: 0..<40, rows: 0..<130)
    let window = ResampleFilter.bicubic.resize(
      picture, width: 40, height: 130, columns: 7..<31, rows: 20..<90)
    #expect(window == whole.cropped(x: 7, y: 20, width: 24, height: 70))
  }

  @Test func aPictureWithoutPixelsIsRefused() throws {
    let processor = try processor(imageSize: 224)
    let error = #expect(throws: EncoderError.self) {
      try processor.prepared(RGBImage(width: 0, height: 5))
    }
    #expect(error?.description.contains("0x5") == true)
  }

  @Test func aPictureThatDoesNotReachTheModelsSizeIsRefused() throws {
    let data = Data(#"{"do_center_crop": false}"#.utf8)
    let processor = try processor(data, imageSize: 224)
    #expect(throws: EncoderError.self) {
      try processor.prepared(RGBImage(width: 300, height: 200))
    }
  }
}
