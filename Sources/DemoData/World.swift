import Foundation
import Records
import Video

/// One clip while it happens: the scene, who and what is in it, and what is to
/// come. Time goes on by `step`, a frame is drawn by `draw`.
final class World {
  let scene: DemoScene
  let lighting: Lighting
  private(set) var time: Float = 0
  var people: [Person] = []
  var vehicles: [Vehicle] = []
  var bicycles: [Bicycle] = []
  var particles: Particles
  /// Lights of this moment: fire and flashes; set anew at every step.
  var flashes: [DynamicLight] = []
  var lampShare: Float = 1
  private var plans: [(time: Float, act: (World) -> Void)] = []
  private var constants: [(World, Float) -> Void] = []
  private var canvas: Canvas

  init(scene: DemoScene, lighting: Lighting, seed: UInt64) {
    self.scene = scene
    self.lighting = lighting
    particles = Particles(seed: seed)
    canvas = Canvas(image: SceneImage(scene: scene, lighting: lighting))
  }

  /// Does something once, at a time of the clip in seconds.
  func at(_ seconds: Float, _ act: @escaping (World) -> Void) {
    plans.append((seconds, act))
  }

  /// Does something at every step; it gets the step's length.
  func always(_ act: @escaping (World, Float) -> Void) { constants.append(act) }

  func step(_ seconds: Float) {
    time += seconds
    flashes = []
    let due = plans.filter { $0.time <= time }.sorted { $0.time < $1.time }
    plans.removeAll { $0.time <= time }
    for plan in due { plan.act(self) }
    for act in constants { act(self, seconds) }
    for person in people { person.step(seconds) }
    for vehicle in vehicles {
      vehicle.isBlocked =
        vehicle.isCareful && !vehicle.actions.isEmpty && isBlocked(vehicle)
      vehicle.step(seconds)
    }
    for bicycle in bicycles { bicycle.step(seconds) }
    particles.step(seconds)
  }

  private func isBlocked(_ vehicle: Vehicle) -> Bool {
    people.contains { $0.isVisible && vehicle.isInTheWay($0.position) }
      || bicycles.contains { vehicle.isInTheWay($0.position) }
      || vehicles.contains { other in
        other !== vehicle
          && vehicle.isInTheWay(other.position - other.forward * (other.shape.length / 2))
      }
  }

  /// Paints a spot on a still surface for good.
  func stain(_ point: Vector3, metres: Float, colour: Vector3) {
    canvas.stain(point, metres: metres, colour: colour)
  }

  /// Draws the moment and gives it to the sensor.
  func draw(sensor: Sensor, frame: Int) -> RGBImage {
    var field = LightField(scene: scene, lighting: lighting, lights: flashes, lampShare: lampShare)
    if lighting.isDark { field.lights += vehicles.compactMap(VehicleDrawing.headlights) }
    canvas.begin(lampShare: lampShare)
    for light in field.lights { canvas.illuminate(light) }

    let skeletons = people.filter(\.isVisible).map { ($0.look, $0.held, $0.skeleton) }
    let riders = bicycles.map { ($0, $0.skeleton) }
    for (look, _, skeleton) in skeletons {
      PersonDrawing.addShadow(
        skeleton, look: look, canvas: &canvas, sample: field.sample(at: skeleton.chest))
    }
    for (bicycle, skeleton) in riders {
      PersonDrawing.addShadow(
        skeleton, look: bicycle.look, canvas: &canvas, sample: field.sample(at: skeleton.chest))
    }
    for vehicle in vehicles {
      VehicleDrawing.addShadow(
        vehicle, canvas: &canvas, sample: field.sample(at: vehicle.position.raised(1.6)))
    }
    canvas.applyShadows()

    let camera = scene.camera
    func depth(_ point: GroundPoint) -> Float {
      (point.raised(0.5) - camera.position).dot(camera.forward)
    }
    var drawn: [(depth: Float, draw: (inout Canvas) -> Void)] = []
    for (look, held, skeleton) in skeletons {
      drawn.append(
        (
          depth(GroundPoint(skeleton.pelvis.x, skeleton.pelvis.z)),
          { canvas in
            let shading = field.shading(field.sample(at: skeleton.chest), camera: camera)
            PersonDrawing.draw(skeleton, look: look, held: held, canvas: &canvas, shading: shading)
          }
        ))
    }
    for (bicycle, skeleton) in riders {
      drawn.append(
        (
          depth(bicycle.position),
          { canvas in
            let shading = field.shading(field.sample(at: skeleton.chest), camera: camera)
            bicycle.draw(canvas: &canvas, shading: shading)
            PersonDrawing.draw(
              skeleton, look: bicycle.look, held: .nothing, canvas: &canvas, shading: shading)
          }
        ))
    }
    for vehicle in vehicles {
      drawn.append(
        (
          depth(vehicle.position),
          { canvas in
            VehicleDrawing.draw(
              vehicle, canvas: &canvas, field: field,
              sample: field.sample(at: vehicle.position.raised(1.6)))
          }
        ))
    }
    drawn.sort { $0.depth > $1.depth }
    for item in drawn { item.draw(&canvas) }
    if !particles.isEmpty { particles.draw(canvas: &canvas, field: field) }
    return sensor.expose(canvas, frame: frame)
  }
}
