import Tensors

/// How snippet features are grouped and stored.
public struct SnippetFeatureStorage: Sendable, Equatable {
  public var grouping: SnippetGrouping
  public var elementType: StoredFloatType
  public var fileFormat: SnippetFeatureFile.Format

  public init(
    grouping: SnippetGrouping = .frames, elementType: StoredFloatType = .float32,
    fileFormat: SnippetFeatureFile.Format = .npy
  ) {
    self.grouping = grouping
    self.elementType = elementType
    self.fileFormat = fileFormat
  }
}
