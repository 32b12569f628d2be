/// The video of a selection record.
public struct SelectionSource: Codable, Sendable, Equatable {
  public var path: String
  /// Where the piece of the video begins that was selected from: all times of the
  /// record count from there, frame indices and `pts` from the file's start. Absent
  /// for a whole video.
  public var segmentStartSeconds: Double?
  /// SHA-256 of all bytes of the file; absent for a folder of pictures.
  public var sha256: String?
  public var width: Int
  public var height: Int
  /// From the first frame to the end of the last one, by the index or by decoding; of
  /// a piece, its length.
  public var durationSeconds: Double
  /// What one tick of `pts` is, in seconds, as a fraction such as `1/12800`; absent
  /// where times come from no container.
  public var timeBase: String?
  /// Frames that the container claims to hold; absent where it does not say.
  public var claimedFrameCount: Int?
  /// Frames that the packets say are shown; absent where the packets cannot be
  /// trusted with it, and the video was decoded from end to end instead.
  public var indexedFrameCount: Int?
  /// Frames that decode; absent where only those that were wanted were decoded.
  public var decodableFrameCount: Int?
  /// Frames that were wanted and did not decode, by index.
  public var undecodableFrames: [Int]
  public var averageFrameRate: Double
  public var codec: String
  public var container: String
  /// What the decoder complained about.
  public var warnings: [String]
}

/// The file of scores of a selection record.
public struct SelectionScores: Codable, Sendable, Equatable {
  public var path: String
  /// SHA-256 of all bytes of the file.
  public var sha256: String
  public var durationSeconds: Double
  /// The embeddings' file, where there is one.
  public var embeddings: String?
}
