/// One video of a data set.
public struct DatasetVideo: Codable, Sendable, Equatable {
  /// The file's name without extension, made path-safe and unique in the data set.
  public var id: String
  /// The file's absolute path.
  public var path: String
  /// `train` or `test`; nil where the data set has no splits.
  public var split: String?
  /// The classes' names in the descriptor; nil where the label is unknown.
  public var classNames: [String]?
  /// Whether any of the classes is an anomaly; nil where the label is unknown.
  public var isAnomalous: Bool?
  /// The camera or place, where the data set tells.
  public var sceneID: String?
  /// Which piece of the file it is; nil for the whole. A piece's `classNames` are the
  /// whole video's.
  public var segment: VideoSegment?

  public init(
    id: String, path: String, split: String? = nil, classNames: [String]? = nil,
    isAnomalous: Bool? = nil, sceneID: String? = nil, segment: VideoSegment? = nil
  ) {
    self.id = id
    self.path = path
    self.split = split
    self.classNames = classNames
    self.isAnomalous = isAnomalous
    self.sceneID = sceneID
    self.segment = segment
  }
}
