import Foundation

/// What a person holds in the right hand.
enum HeldThing: Sendable {
  case nothing, bar, sprayCan, bag
}

/// Draws people: limbs as shaded capsules over a skeleton, and their shadows.
enum PersonDrawing {
  private struct Part {
    var a: Vector3
    var b: Vector3
    var radiusA: Float
    var radiusB: Float
    var colour: Vector3
  }

  /// Adds the person's shadow on the ground; before `Canvas.applyShadows`.
  static func addShadow(
    _ skeleton: Skeleton, look: PersonLook, canvas: inout Canvas, sample: LightField.Sample
  ) {
    let camera = canvas.camera
    let towards = sample.towards
    let h = look.height
    // A blob below the feet, from all the sky that the body hides.
    let under = Vector3(skeleton.pelvis.x, 0, skeleton.pelvis.z)
    if let spot = camera.project(under) {
      let radius = camera.focal * 0.2 / spot.depth
      canvas.addShadow(spot, spot, radiusA: radius, radiusB: radius, strength: 0.45)
    }
    guard towards.y > 0.12 else { return }
    // Very long shadows are cut: they leave the picture anyway.
    let slope = SIMD2(towards.x, towards.z) / max(towards.y, 0.24)
    func fallen(_ point: Vector3) -> Camera.Projection? {
      camera.project(Vector3(point.x - slope.x * point.y, 0, point.z - slope.y * point.y))
    }
    func cast(_ a: Vector3, _ b: Vector3, _ radius: Float) {
      guard let first = fallen(a), let second = fallen(b) else { return }
      canvas.addShadow(
        first, second, radiusA: camera.focal * radius / first.depth,
        radiusB: camera.focal * radius / second.depth, strength: sample.shadowStrength * 0.85)
    }
    for leg in skeleton.legs {
      cast(leg[2], leg[1], 0.05 * h)
      cast(leg[1], leg[0], 0.055 * h)
    }
    cast(skeleton.pelvis, skeleton.neck, 0.10 * h)
    cast(skeleton.head, skeleton.head, 0.06 * h)
    for arm in skeleton.arms {
      cast(arm[0], arm[1], 0.03 * h)
      cast(arm[1], arm[2], 0.028 * h)
    }
  }

  /// Draws the person.
  static func draw(
    _ skeleton: Skeleton, look: PersonLook, held: HeldThing, canvas: inout Canvas,
    shading: Canvas.Shading
  ) {
    let camera = canvas.camera
    var drawn = parts(skeleton, look: look, held: held).map { part in
      (part: part, depth: ((part.a + part.b) / 2 - camera.position).dot(camera.forward))
    }
    drawn.sort { $0.depth > $1.depth }
    for (part, _) in drawn {
      guard let a = camera.project(part.a), let b = camera.project(part.b) else { continue }
      canvas.drawCapsule(
        a, b, radiusA: camera.focal * part.radiusA / a.depth,
        radiusB: camera.focal * part.radiusB / b.depth, albedo: part.colour, shading: shading)
    }
  }

  private static func parts(_ s: Skeleton, look: PersonLook, held: HeldThing) -> [Part] {
    let h = look.height
    let g = look.girth
    var parts: [Part] = []
    func add(_ a: Vector3, _ b: Vector3, _ ra: Float, _ rb: Float, _ colour: Vector3) {
      parts.append(Part(a: a, b: b, radiusA: ra * h, radiusB: rb * h, colour: colour))
    }
    let bare = look.outfit == .shorts || look.outfit == .skirt
    for leg in s.legs {
      add(leg[0], leg[1], 0.052 * g, 0.038 * g, look.outfit == .skirt ? look.skin : look.bottom)
      add(leg[1], leg[2], 0.036 * g, 0.025, bare ? look.skin : look.bottom)
      add(leg[2], leg[3], 0.026, 0.020, look.shoes)
    }
    // The trunk is two capsules side by side: broad from the front, flat from the side.
    let across = s.side * (0.052 * h * g)
    for sign in [Float(-1), 1] {
      let shoulder = (sign > 0 ? s.arms[0][0] : s.arms[1][0])
      let upper = s.chest + (shoulder - s.chest) * 0.55
      add(s.pelvis + across * sign * 0.75, upper, 0.056 * g, 0.058 * g, look.top)
    }
    add(s.pelvis, s.chest, 0.062 * g, 0.066 * g, look.top)
    if look.outfit == .coat || look.outfit == .skirt {
      let hem = (s.legs[0][1] + s.legs[1][1]) / 2
      let colour = look.outfit == .coat ? look.top : look.bottom
      add(s.pelvis, s.pelvis + (hem - s.pelvis) * 0.75, 0.066 * g, 0.082 * g, colour)
    } else {
      add(s.legs[0][0], s.legs[1][0], 0.055 * g, 0.055 * g, look.bottom)
    }
    for (index, arm) in s.arms.enumerated() {
      let sleeve = look.outfit == .shorts ? look.skin : look.top
      add(arm[0], arm[1], 0.031 * g, 0.026, look.top)
      add(arm[1], arm[2], 0.025, 0.019, sleeve)
      let hand = arm[2] + (arm[2] - arm[1]).normalized * (0.025 * h)
      add(arm[2], hand, 0.020, 0.017, look.skin)
      if index == 1 { addHeld(held, hand, arm, look, &parts) }
    }
    let upright = (s.head - s.neck).normalized
    add(s.neck, s.neck + upright * (0.02 * h), 0.028, 0.028, look.skin)
    add(s.head - upright * (0.02 * h), s.head + upright * (0.018 * h), 0.044, 0.048, look.skin)
    let crown = look.hasHood ? look.top * 0.9 : look.hair
    let back = s.forward * -(0.014 * h)
    add(
      s.head + back, s.head + back + upright * (0.036 * h), look.hasHood ? 0.055 : 0.047,
      look.hasHood ? 0.052 : 0.046, crown)
    if look.hasBackpack {
      let behind = s.forward * -(0.085 * h)
      add(
        s.pelvis + (s.chest - s.pelvis) * 0.3 + behind, s.chest + behind, 0.055, 0.05,
        look.bagColour)
    }
    if look.hasBag && held == .nothing {
      let bag = s.pelvis + s.side * (0.12 * h)
      add(bag, bag - Vector3(0, 0.05 * h, 0), 0.04, 0.05, look.bagColour)
    }
    return parts
  }

  private static func addHeld(
    _ held: HeldThing, _ hand: Vector3, _ arm: [Vector3], _ look: PersonLook,
    _ parts: inout [Part]
  ) {
    let along = (arm[2] - arm[1]).normalized
    switch held {
    case .nothing: break
    case .bar:
      parts.append(
        Part(
          a: hand - along * 0.1, b: hand + along * 0.75, radiusA: 0.025, radiusB: 0.03,
          colour: Vector3(0.12, 0.10, 0.08)))
    case .sprayCan:
      parts.append(
        Part(
          a: hand, b: hand + Vector3(0, 0.14, 0), radiusA: 0.035, radiusB: 0.03,
          colour: Vector3(0.6, 0.6, 0.62)))
    case .bag:
      let low = hand - Vector3(0, 0.24, 0)
      parts.append(
        Part(a: hand, b: low, radiusA: 0.03, radiusB: 0.15, colour: look.bagColour))
    }
  }
}
