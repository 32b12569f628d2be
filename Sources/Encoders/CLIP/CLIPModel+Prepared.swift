import Video

extension CLIPModel {
  /// The picture resized and cut, as the vision tower gets it.
  public func prepared(_ image: RGBImage) throws -> RGBImage {
    try imageProcessor.prepared(image)
  }
}
