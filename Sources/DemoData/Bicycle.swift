import Foundation
import Records

/// Somebody on a bicycle, riding straight from one point to another; may fall.
final class Bicycle {
  let look: PersonLook
  private(set) var position: GroundPoint
  let heading: Float
  private(set) var speed: Float
  private(set) var hasFallen = false
  private var tip: Float = 0
  private var phase: Float = 0
  private var thrown = GroundPoint.zero

  init(look: PersonLook, from start: GroundPoint, to end: GroundPoint, speed: Float) {
    self.look = look
    position = start
    heading = (end - start).heading
    self.speed = speed
  }

  /// Rider and bicycle are thrown down.
  func fall(thrown velocity: GroundPoint) {
    hasFallen = true
    thrown = velocity
  }

  func step(_ seconds: Float) {
    if hasFallen {
      tip = min(1, tip + 2.6 * seconds)
      position += thrown * seconds
      thrown *= max(0, 1 - 2.5 * seconds)
      return
    }
    position += GroundPoint(sin(heading), cos(heading)) * (speed * seconds)
    phase += speed * seconds * 1.7
  }

  var skeleton: Skeleton {
    if hasFallen && tip > 0.35 {
      return Skeleton(
        pose: .curledUp, height: look.height, position: position + GroundPoint(0.5, -0.4),
        heading: heading + 0.8)
    }
    var pose = Pose.cycling
    pose.leftHip = 0.95 + 0.4 * sin(phase)
    pose.rightHip = 0.95 - 0.4 * sin(phase)
    pose.leftKnee = 1.15 + 0.45 * sin(phase + 0.6)
    pose.rightKnee = 1.15 - 0.45 * sin(phase + 0.6)
    let free = Skeleton(pose: pose, height: look.height, position: position, heading: heading)
    let back = position - GroundPoint(sin(heading), cos(heading)) * 0.2
    return Skeleton(
      pose: pose, height: look.height, position: back, heading: heading,
      base: 0.92 - free.pelvis.y)
  }

  /// Draws the machine; the rider is drawn as any person.
  func draw(canvas: inout Canvas, shading: Canvas.Shading) {
    let lean = tip * 1.4
    let s = sin(heading)
    let c = cos(heading)
    func point(_ y: Float, _ z: Float) -> Camera.Projection? {
      let x = y * sin(lean)
      let height = max(0.03, y * cos(lean))
      return canvas.camera.project(
        Vector3(position.x - x * c + z * s, height, position.y + x * s + z * c))
    }
    func tube(_ a: Camera.Projection?, _ b: Camera.Projection?, _ radius: Float, _ colour: Vector3)
    {
      guard let a, let b else { return }
      canvas.drawCapsule(
        a, b, radiusA: canvas.camera.focal * radius / a.depth,
        radiusB: canvas.camera.focal * radius / b.depth, albedo: colour, shading: shading)
    }
    let rubber = Vector3(repeating: 0.03)
    for centre in [Float(-0.52), 0.52] {
      for index in 0..<10 {
        let first = Float(index) * .pi / 5
        let second = first + .pi / 5
        tube(
          point(0.34 + 0.33 * sin(first), centre + 0.33 * cos(first)),
          point(0.34 + 0.33 * sin(second), centre + 0.33 * cos(second)), 0.024, rubber)
      }
    }
    let frame = look.bagColour
    tube(point(0.34, -0.52), point(0.85, -0.2), 0.022, frame)
    tube(point(0.85, -0.2), point(0.9, 0.38), 0.022, frame)
    tube(point(0.34, 0), point(0.9, 0.38), 0.022, frame)
    tube(point(0.34, 0.52), point(1.02, 0.36), 0.022, frame)
    tube(point(0.34, 0), point(0.85, -0.2), 0.022, frame)
    tube(point(1.02, 0.36), point(1.05, 0.5), 0.02, rubber)
  }
}
