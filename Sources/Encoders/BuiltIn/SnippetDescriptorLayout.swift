/// Where what stands in the 512 numbers of `SnippetDescriptor`.
///
/// Cells are 4 x 4 over the picture, row by row. "Change" is what blocks change
/// beyond noise, light and camera motion. Displacements are against the camera's,
/// in pixels a frame at a picture 160 pixels wide.
public enum SnippetDescriptorLayout {
  /// Optical flow on the grid: 16 cells x 8 directions (east, then on towards
  /// south), mean displacement.
  public static let flow = 0..<128
  /// Change on the grid: 16 cells x (mean, greatest of a frame, burstiness, last
  /// frame against the first).
  public static let change = 128..<192
  /// Oriented gradients of what changed: 2 x 2 quarters x 8 orientations in the
  /// snippet's middle, weighted by change; then the last frame's less the first's.
  public static let gradients = 192..<256
  /// The six most active cells, wherever they are, the most active first: each 8
  /// directions from its main one on, mean and greatest displacement, disorder (how
  /// far blocks move in all, less how far they get), change that no displacement
  /// explains, and both together in four quarters of the snippet.
  public static let activity = 256..<352
  /// 16 frames each: mean displacement, 95th percentile of displacement, changed
  /// part of the picture, step of brightness.
  public static let profiles = 352..<416
  /// 12 classes of speed (mean over the snippet, greatest of a frame), then 24
  /// figures: see `SnippetDescriptor.statistics`.
  public static let statistics = 416..<464
  /// Light and colour: flashes, fire-like and smoke-like change, colour of what
  /// changed: see `SnippetDescriptor.light`.
  public static let light = 464..<496
  /// The scene itself: brightness, contrast, saturation, dark and bright parts,
  /// mean colour, edges: see `SnippetDescriptor.scene`.
  public static let scene = 496..<512

  /// The descriptor's width.
  public static let dimension = 512
  /// The descriptor's name and version; a change of meaning changes it.
  public static let name = "classical-512-v1"
}
