/// Frames in display order from wherever they are kept: what `VideoReader` reads.
protocol FrameSource: AnyObject {
  /// What the file or folder says about itself.
  var info: VideoInfo { get }
  /// Decodes the next frame and gives its time in seconds; nil at the end.
  func advance() -> Double?
  /// The frame that the last `advance()` decoded, as RGB in the size wanted.
  func image() throws -> RGBImage
  /// What was found wrong so far, one line each.
  ///
  /// - Parameters:
  ///   - decodedFrameCount: Frames that came out.
  ///   - isAtEnd: Whether there are no more.
  func warnings(decodedFrameCount: Int, isAtEnd: Bool) -> [String]
}
