import Records

/// What goes wrong with videos and images. The first value of every case is the
/// path (or the name of what was read), which opens the message.
public enum VideoError: ReportableError, Equatable {
  case missing(path: String)
  case folder(path: String)
  case notAFile(path: String)
  case unreadable(path: String, reason: String)
  case empty(path: String)
  case truncated(path: String, finding: String)
  case audioOnly(path: String, codec: String)
  case notAVideo(path: String, found: String)
  case damaged(path: String, finding: String)
  case noDecoder(path: String, codec: String)
  case noFrameDecodes(path: String, codec: String, packets: Int)
  case noSuchFrame(path: String, index: Int, frameCount: Int)
  case outOfMemory(path: String, what: String)
  case encoderMissing(path: String, encoder: String)
  case cannotEncode(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  case damagedImage(name: String, finding: String)
  case unsupportedImage(name: String, finding: String, remedy: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file; check the path"
    case .folder(let path):
      "\(path): a folder, expected a file; name a file in it"
    case .notAFile(let path):
      "\(path): a device, pipe or socket, expected a plain file; copy the data to a file first"
    case .unreadable(let path, let reason):
      "\(path): cannot be opened: \(reason); check the permissions"
    case .empty(let path):
      "\(path): empty (0 bytes); copy or download it again"
    case .truncated(let path, let finding):
      "\(path): truncated: \(finding); copy or download it again, or finish the recording"
    case .audioOnly(let path, let codec):
      "\(path): holds sound only (\(codec)), no moving picture; give a file with a video stream"
    case .notAVideo(let path, let found):
      "\(path): not a video: found \(found); give a video file such as MP4, MKV, AVI or WebM"
    case .damaged(let path, let finding):
      "\(path): damaged: \(finding); copy or download it again"
    case .noDecoder(let path, let codec):
      "\(path): no decoder for '\(codec)'; install an FFmpeg that has one, "
        + "or convert the file to H.264"
    case .noFrameDecodes(let path, let codec, let packets):
      "\(path): not one frame of \(packets) \(codec) packet\(packets == 1 ? "" : "s") decodes; "
        + "the file is damaged: copy or download it again"
    case .noSuchFrame(let path, let index, let frameCount):
      "\(path): no frame \(index), \(frameCount) frame\(frameCount == 1 ? "" : "s") decode; "
        + "ask for frames from 0 to \(frameCount - 1)"
    case .outOfMemory(let path, let what):
      "\(path): no memory for \(what); close other programs or use smaller pictures"
    case .encoderMissing(let path, let encoder):
      "\(path): cannot be written: this FFmpeg has no \(encoder) encoder; "
        + "install one built with it (Debian's libavcodec has it)"
    case .cannotEncode(let path, let reason):
      "\(path): cannot be encoded: \(reason)"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written: \(reason); check the folder, its permissions and free space"
    case .damagedImage(let name, let finding):
      "\(name): damaged image: \(finding); copy or download it again"
    case .unsupportedImage(let name, let finding, let remedy):
      "\(name): \(finding); \(remedy)"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .missing, .folder, .notAFile, .unreadable, .empty, .truncated, .audioOnly, .notAVideo,
      .damaged, .noDecoder, .noFrameDecodes, .damagedImage, .unsupportedImage:
      .unreadableInput
    case .noSuchFrame: .usage
    case .outOfMemory, .encoderMissing, .cannotEncode, .cannotWrite: .other
    }
  }
}
