/// The unit in which videos are described by numbers: a row of features, a score.
public enum Snippet {
  /// How many frames make a snippet.
  public static let frameCount = 16
}
