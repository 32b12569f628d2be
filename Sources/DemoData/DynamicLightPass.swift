import Foundation

extension Canvas {
  /// Lights the still scene by a dynamic light: to be done before anything that
  /// moves is drawn.
  mutating func illuminate(_ light: DynamicLight) {
    // The pixels that can be reached: those around the light's projection.
    var rows = 0..<Camera.height
    var columns = 0..<Camera.width
    let centre =
      light.beam.map { light.position + Vector3($0.x, 0, $0.z).normalized * (light.range * 0.5) }
      ?? light.position
    if let projected = camera.project(Vector3(centre.x, 0, centre.z)), projected.depth > 2 {
      let reach =
        camera.focal * light.range * (light.beam == nil ? 1 : 0.6)
        / max(projected.depth - light.range * 0.4, 2)
      guard
        let box = pixels(
          projected.x - reach, projected.x + reach, projected.y - reach, projected.y + reach)
      else { return }
      rows = box.rows
      columns = box.columns
    }
    let scale = SceneImage.white / 255
    for y in rows {
      for x in columns {
        let index = y * Camera.width + x
        let axis = image.axis[index]
        guard axis < 3 else { continue }
        let depth = image.depth[index]
        let point =
          camera.position + camera.ray(x: Float(x) + 0.5, y: Float(y) + 0.5) * depth
        let reach = light.reach(point)
        guard reach.x > 0.003 else { continue }
        let direction = (light.position - point).normalized
        let facing =
          axis == 0 ? direction.y : axis == 1 ? abs(direction.x) : abs(direction.z)
        let share = (0.15 + 0.85 * max(0, facing)) * scale
        add(
          index,
          Vector3(
            Float(image.albedo[index * 3]), Float(image.albedo[index * 3 + 1]),
            Float(image.albedo[index * 3 + 2])) * reach * share)
      }
    }
  }
}
