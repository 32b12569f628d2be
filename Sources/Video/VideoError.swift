import Records

/// Why reading or writing a video or an image fails. The first value of every case is the
/// path or the name of the data, with which the message begins.
public enum VideoError: ReportableError, Equatable {
  /// The path does not exist.
  case missing(path: String)
  /// The file's name is not UTF-8. `name` has `\xe9` for each such byte.
  case undecodableName(path: String, name: String)
  /// A folder instead of a file.
  case folder(path: String)
  /// A device, pipe or socket.
  case notAFile(path: String)
  /// The system refuses to open or read the file.
  case unreadable(path: String, reason: String)
  /// 0 bytes.
  case empty(path: String)
  /// The file's structure shows that a part is missing, and nothing decodes.
  case truncated(path: String, finding: String)
  /// Only sound streams, possibly with a cover picture.
  case audioOnly(path: String, codec: String)
  /// Text, a still image, or a format without moving pictures.
  case notAVideo(path: String, found: String)
  /// An unusable container or stream header.
  case damaged(path: String, finding: String)
  /// This FFmpeg cannot decode the codec.
  case noDecoder(path: String, codec: String)
  /// No frame decodes in the whole file.
  case noFrameDecodes(path: String, codec: String, packets: Int)
  /// An index beyond the last frame that decodes.
  case noSuchFrame(path: String, index: Int, frameCount: Int)
  /// The libraries could not allocate memory.
  case outOfMemory(path: String, what: String)
  /// This FFmpeg lacks the encoder.
  case encoderMissing(path: String, encoder: String)
  /// The encoder does not accept the frames.
  case cannotEncode(path: String, reason: String)
  /// The system refuses to write.
  case cannotWrite(path: String, reason: String)
  /// An image with a valid start that does not decode completely.
  case damagedImage(name: String, finding: String)
  /// A file of ignored regions that cannot be used.
  case badMask(path: String, finding: String, expected: String)
  /// A playlist whose files cannot be read as one video.
  case unusablePlaylist(path: String, finding: String, remedy: String)
  /// An image format that is not supported.
  case unsupportedImage(name: String, finding: String, remedy: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file; check the path"
    case .undecodableName(let path, let name):
      "\(path): a file name that is not UTF-8 (\(name)); rename the file, for example with convmv"
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
    case .badMask(let path, let finding, let expected):
      "\(path): not a usable mask: found \(finding), expected \(expected)"
    case .unusablePlaylist(let path, let finding, let remedy):
      "\(path): the playlist cannot be read: \(finding); \(remedy)"
    case .unsupportedImage(let name, let finding, let remedy):
      "\(name): \(finding); \(remedy)"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .missing, .undecodableName, .folder, .notAFile, .unreadable, .empty, .truncated,
      .audioOnly, .notAVideo,
      .damaged, .noDecoder, .noFrameDecodes, .damagedImage, .badMask, .unusablePlaylist,
      .unsupportedImage:
      .unreadableInput
    case .noSuchFrame: .usage
    case .outOfMemory, .encoderMissing, .cannotEncode, .cannotWrite: .other
    }
  }
}
