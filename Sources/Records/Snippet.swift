/// The unit of time of features and scores: one row, one score per snippet.
public enum Snippet {
  /// The number of frames of a snippet.
  public static let frameCount = 16
}
