import Tensors
import Video

extension CLIPModel {
  /// The picture resized and cut, as the vision tower gets it.
  public func prepared(_ image: RGBImage) throws -> RGBImage {
    try imageProcessor.prepared(image)
  }

  /// The projected features of pictures that `prepared` gave, [n, dimension].
  public func encodePrepared(_ pictures: [RGBImage]) throws -> Tensor<Float> {
    var processor = imageProcessor
    processor.target = .none
    processor.crop = nil
    return try encodeImages(pictures, processor: processor)
  }
}
