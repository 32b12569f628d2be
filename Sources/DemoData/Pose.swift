import Foundation

/// The angles of a body's joints, in radians; forward is positive.
struct Pose: Sendable {
  private var angles = SIMD16<Float>(repeating: 0)

  var leftHip: Float {
    get { angles[0] }
    set { angles[0] = newValue }
  }
  var rightHip: Float {
    get { angles[1] }
    set { angles[1] = newValue }
  }
  /// Knees bend backwards; never negative.
  var leftKnee: Float {
    get { angles[2] }
    set { angles[2] = newValue }
  }
  var rightKnee: Float {
    get { angles[3] }
    set { angles[3] = newValue }
  }
  var leftShoulder: Float {
    get { angles[4] }
    set { angles[4] = newValue }
  }
  var rightShoulder: Float {
    get { angles[5] }
    set { angles[5] = newValue }
  }
  /// How far the arms are held out sideways.
  var leftArmOut: Float {
    get { angles[6] }
    set { angles[6] = newValue }
  }
  var rightArmOut: Float {
    get { angles[7] }
    set { angles[7] = newValue }
  }
  /// Elbows bend forwards; never negative.
  var leftElbow: Float {
    get { angles[8] }
    set { angles[8] = newValue }
  }
  var rightElbow: Float {
    get { angles[9] }
    set { angles[9] = newValue }
  }
  /// The trunk's lean forward and to the left.
  var lean: Float {
    get { angles[10] }
    set { angles[10] = newValue }
  }
  var sideLean: Float {
    get { angles[11] }
    set { angles[11] = newValue }
  }
  /// How far the body has tipped over: 0 stands, 1 lies on its front, -1 on its back.
  var tip: Float {
    get { angles[12] }
    set { angles[12] = newValue }
  }
  /// The turn of the shoulders against the hips.
  var twist: Float {
    get { angles[13] }
    set { angles[13] = newValue }
  }
  /// Metres by which both feet leave the ground.
  var lift: Float {
    get { angles[14] }
    set { angles[14] = newValue }
  }
  var nod: Float {
    get { angles[15] }
    set { angles[15] = newValue }
  }

  /// Standing at ease.
  static let standing: Pose = {
    var pose = Pose()
    pose.leftHip = 0.03
    pose.rightHip = -0.03
    pose.leftKnee = 0.06
    pose.rightKnee = 0.04
    pose.leftElbow = 0.2
    pose.rightElbow = 0.2
    pose.leftArmOut = 0.09
    pose.rightArmOut = 0.09
    return pose
  }()

  /// One moment of a step; `phase` grows by pi with each step. `run` goes from 0
  /// for walking to 1 for running.
  static func gait(phase: Float, run: Float, armSwing: Float = 1) -> Pose {
    var pose = Pose()
    let swing = sin(phase)
    let lifted = cos(phase)
    let stride = 0.44 + 0.36 * run
    let bend = 0.75 + 0.9 * run
    pose.leftHip = stride * swing + 0.06 * run
    pose.rightHip = -stride * swing + 0.06 * run
    pose.leftKnee = 0.08 + 0.18 * run + bend * max(0, lifted) * max(0, lifted)
    pose.rightKnee = 0.08 + 0.18 * run + bend * max(0, -lifted) * max(0, -lifted)
    let arms = (0.42 + 0.5 * run) * armSwing
    pose.leftShoulder = -arms * swing
    pose.rightShoulder = arms * swing
    pose.leftElbow = 0.22 + 1.25 * run + 0.15 * max(0, -swing)
    pose.rightElbow = 0.22 + 1.25 * run + 0.15 * max(0, swing)
    pose.leftArmOut = 0.08 + 0.1 * run
    pose.rightArmOut = 0.08 + 0.1 * run
    pose.lean = 0.05 + 0.2 * run
    pose.twist = -0.12 * swing
    pose.sideLean = 0.03 * lifted
    pose.lift = 0.09 * run * abs(lifted)
    return pose
  }

  /// The pose between this (0) and another (1).
  func blended(with other: Pose, _ share: Float) -> Pose {
    var pose = self
    pose.angles += (other.angles - angles) * share
    return pose
  }

  /// The pose with each side doing what the other did.
  var mirrored: Pose {
    var pose = self
    for pair in [(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)] {
      pose.angles[pair.0] = angles[pair.1]
      pose.angles[pair.1] = angles[pair.0]
    }
    pose.sideLean = -sideLean
    pose.twist = -twist
    return pose
  }
}
