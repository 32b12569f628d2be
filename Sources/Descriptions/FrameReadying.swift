import Datasets

/// Makes chosen frames ready for a describer's requests: from the file beside their
/// selection where that has them, else by decoding them once.
struct FrameReadying: Sendable {
  let describer: any Describer
  /// Whether frames are kept in that file.
  let isKept: Bool

  /// The frames of a choice, and their pixels where they had to be decoded.
  ///
  /// - Throws: `VideoError`; `DescriptionError.noFrames`, `.unusableFrame`;
  ///   `RecordError.cannotWrite` where they cannot be kept.
  func frames(of choice: FrameChoice, video: DatasetVideo) throws -> (
    ready: [ReadyFrame], decoded: [FrameForDescription]?
  ) {
    guard !choice.frameIndices.isEmpty else { throw DescriptionError.noFrames(video: video.id) }
    let file = isKept && describer.configuration.sendsFrames ? file(of: choice) : nil
    if let kept = file?.read(frameIndices: choice.frameIndices) { return (kept, nil) }
    let decoded = try choice.frames()
    let ready = try decoded.map { try self.ready($0, video) }
    try file?.write(ready)
    return (ready, decoded)
  }

  private func file(of choice: FrameChoice) -> ReadyFrameFile? {
    choice.readyFile.map {
      ReadyFrameFile(
        url: $0, selectionKey: choice.selection.key,
        preparation: describer.configuration.preparation)
    }
  }

  private func ready(_ frame: FrameForDescription, _ video: DatasetVideo) throws -> ReadyFrame {
    do {
      return ReadyFrame(
        frameIndex: frame.frameIndex, timestampSeconds: frame.timestampSeconds,
        hash: RequestKeys.hash(of: frame.image), picture: try describer.picture(of: frame.image))
    } catch DescriptionError.unusableFrame(let size, let reason) {
      throw DescriptionError.unusableFrame(video: video.id, reason: "\(size) pixels: \(reason)")
    }
  }
}
