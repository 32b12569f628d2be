import Foundation

/// Where a body's joints are, in metres of the world.
struct Skeleton {
  var pelvis: Vector3
  var chest: Vector3
  var neck: Vector3
  var head: Vector3
  /// Left, then right, from hip to toe.
  var legs: [[Vector3]]
  /// Left, then right, from shoulder to hand.
  var arms: [[Vector3]]
  /// Unit directions of the body: forward, up along the trunk, to the left.
  var forward: Vector3
  var side: Vector3

  /// Places a pose on the ground (or at `base` metres above it).
  ///
  /// Lengths are the usual shares of the body's height; the pelvis is as high as
  /// the lower foot needs.
  init(pose: Pose, height: Float, position: GroundPoint, heading: Float, base: Float = 0) {
    // Local axes: x to the left side, y up, z forward.
    func swing(_ angle: Float) -> Vector3 { Vector3(0, -cos(angle), sin(angle)) }
    let thigh = 0.245 * height
    let shank = 0.235 * height
    let hipWidth = 0.05 * height
    var legs: [[Vector3]] = []
    for (hip, knee, sign) in [
      (pose.leftHip, pose.leftKnee, Float(1)), (pose.rightHip, pose.rightKnee, Float(-1)),
    ] {
      let start = Vector3(sign * hipWidth, 0, 0)
      let kneePoint = start + swing(hip) * thigh
      let ankle = kneePoint + swing(hip - knee) * shank
      let toe = ankle + Vector3(0, 0.35 * sin(hip - knee) - 0.15, 1).normalized * (0.11 * height)
      legs.append([start, kneePoint, ankle, toe])
    }
    let lowest = min(legs[0][2].y, legs[1][2].y)
    let trunk = Vector3(
      sin(pose.sideLean), cos(pose.lean) * cos(pose.sideLean), sin(pose.lean)
    ).normalized
    let across = Vector3(cos(pose.twist), 0, -sin(pose.twist))
    let chest = trunk * (0.30 * height)
    let neck = trunk * (0.335 * height)
    let headLean = pose.lean + pose.nod
    let head =
      neck + Vector3(sin(pose.sideLean) * 0.5, cos(headLean), sin(headLean)) * (0.085 * height)
    var arms: [[Vector3]] = []
    for (shoulder, out, elbow, sign) in [
      (pose.leftShoulder, pose.leftArmOut, pose.leftElbow, Float(1)),
      (pose.rightShoulder, pose.rightArmOut, pose.rightElbow, Float(-1)),
    ] {
      let start = chest + across * (sign * 0.115 * height)
      let raised = shoulder + pose.lean * 0.6
      let upper = (swing(raised) * cos(out) + Vector3(sign * sin(out), 0, 0)).normalized
      let lower =
        (swing(raised + elbow) * cos(out * 0.5) + Vector3(sign * sin(out * 0.5), 0, 0)).normalized
      let elbowPoint = start + upper * (0.165 * height)
      arms.append([start, elbowPoint, elbowPoint + lower * (0.16 * height)])
    }

    let pelvisHeight = -lowest + 0.045 * height + pose.lift
    let tipping = pose.tip * 1.5
    let turned = (cos(heading), sin(heading))
    func place(_ point: Vector3) -> Vector3 {
      var p = point
      p.y += pelvisHeight
      if tipping != 0 {
        // Over the feet, forwards or backwards; a lying body rests on its thickness.
        let y = p.y * cos(tipping) - p.z * sin(tipping)
        let z = p.y * sin(tipping) + p.z * cos(tipping)
        p = Vector3(p.x, max(y, 0.06 * height), z - 0.45 * height * sin(tipping) * 0.6)
      }
      return Vector3(
        position.x + p.x * -turned.0 + p.z * turned.1, base + p.y,
        position.y + p.x * turned.1 + p.z * turned.0)
    }
    pelvis = place(.zero)
    self.chest = place(chest)
    self.neck = place(neck)
    self.head = place(head)
    self.legs = legs.map { $0.map(place) }
    self.arms = arms.map { $0.map(place) }
    forward = Vector3(turned.1, 0, turned.0)
    side = Vector3(-turned.0, 0, turned.1)
  }
}
