import Records

/// What goes wrong with description features.
public enum DescriptionFeatureError: ReportableError {
  case emptyText(owner: String)
  case notFinite(owner: String, encoder: String)
  case missingRow(owner: String, shard: String, row: Int, rows: Int)
  case otherEncoder(path: String, found: String, expected: String)
  case missingVideos(key: String, count: Int, example: String)

  public var description: String {
    switch self {
    case .emptyText(let owner):
      "\(owner): the text is empty; describe the video again"
    case .notFinite(let owner, let encoder):
      "\(owner): \(encoder) gave a vector that is zero or not finite; check its weights"
    case .missingRow(let owner, let shard, let row, let rows):
      "\(shard): holds \(rows) rows, but \(owner) is indexed at row \(row); "
        + "remove the file and run embed again"
    case .otherEncoder(let path, let found, let expected):
      "\(path): made by \(found), expected \(expected)"
    case .missingVideos(let key, let count, let example):
      "\(key): \(count) descriptions have no features (first: \(example)); run embed"
    }
  }

  public var failureKind: FailureKind { .unreadableInput }
}
