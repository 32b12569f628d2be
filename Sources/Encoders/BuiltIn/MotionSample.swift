/// What one frame shows against the frame before it and against a running
/// background. Lengths are in widths of the picture, speeds in widths a second.
public struct MotionSample: Sendable {
  /// The frame's time.
  public var timestampSeconds: Double
  /// Seconds since the frame before; 0 for the first.
  public var intervalSeconds: Double
  /// Mean speed over the picture, against the camera's motion.
  public var speed: Float
  /// Mean speed of the fastest twentieth of the picture.
  public var topSpeed: Float
  /// How abruptly blocks change their motion: mean acceleration, in widths a
  /// second from one frame to the next.
  public var jerk: Float
  /// Disordered motion: mean over regions of how much the speeds in them differ,
  /// weighted by area, in widths a second over the whole picture.
  public var disorder: Float
  /// Mean change that no displacement explains, 0...255.
  public var unexplained: Float
  /// Mean change beyond noise, light and camera motion, 0...255.
  public var change: Float
  /// The part of the picture that changed.
  public var changedArea: Float
  /// The part of the picture that differs from the running background.
  public var foregroundArea: Float
  /// How fast the foreground becomes another: mean difference of the blocks'
  /// distance from the background to what it was half a second ago, 0...255.
  public var appearanceChange: Float
  /// What moves, the largest first.
  public var regions: [MotionRegion]
  /// The camera's motion in widths a second.
  public var cameraX: Float
  public var cameraY: Float
  /// Growth of the picture a second by the camera (0.1: a tenth a second).
  public var cameraZoom: Float
  public var isCameraMoving: Bool
  /// Mean brightness and mean saturation.
  public var brightness: Float
  public var saturation: Float
  /// Mean colour, 0...255.
  public var red: Float
  public var green: Float
  public var blue: Float
  /// The part of the picture that is fire-like and brighter than the background.
  public var fireArea: Float
  /// The part that is smoke-like where the background was not, or was of another
  /// brightness.
  public var smokeArea: Float
  /// The part that is much brighter than the background.
  public var brightenedArea: Float
  /// Whether this frame begins another shot.
  public var isCut: Bool
}
