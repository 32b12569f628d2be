import Encoders
import TestSupport
import Testing
import Video

/// A scene's frame as a picture.
func picture(
  _ scene: MovingScene, _ squares: [MovingScene.Square] = [], shift: Double = 0,
  gain: Double = 1, noise: Double = 0, frame: Int = 0
) -> RGBImage {
  RGBImage(
    width: scene.width, height: scene.height,
    pixels: scene.pixels(squares, shift: shift, gain: gain, noise: noise, frame: frame))
}

@Suite struct BuiltInMotionFieldTests {
  private let scene = MovingScene()

  @Test func `a moving square is followed and the ground around it stands still`() {
    let field = MotionField(
      from: MotionImage(picture(scene, [.init(x: 40, y: 40, side: 32)], noise: 1, frame: 1)),
      to: MotionImage(picture(scene, [.init(x: 43, y: 41, side: 32)], noise: 1, frame: 2)))
    #expect(!field.camera.isMoving)
    for (column, row) in [(6, 6), (7, 6), (6, 7), (7, 7)] {
      let step = field.displacement(column: column, row: row)
      #expect(abs(step.dx - 3) < 0.4 && abs(step.dy - 1) < 0.4, "block \(column), \(row)")
    }
    for (column, row) in [(1, 1), (15, 3), (10, 13), (18, 8)] {
      let step = field.displacement(column: column, row: row)
      #expect(step.dx == 0 && step.dy == 0, "block \(column), \(row)")
    }
  }

  @Test func `a panning camera is told apart from what moves before it`() {
    let field = MotionField(
      from: MotionImage(picture(scene, [.init(x: 60, y: 40, side: 32)], shift: 0)),
      to: MotionImage(picture(scene, [.init(x: 61.5, y: 40, side: 32)], shift: 2.5)))
    #expect(field.camera.isMoving)
    #expect(abs(field.camera.dx + 2.5) < 0.2 && abs(field.camera.dy) < 0.2)
    let ground = field.displacement(column: 3, row: 3)
    #expect(abs(ground.dx) < 0.3 && abs(ground.dy) < 0.3)
    let square = field.displacement(column: 9, row: 7)
    #expect(abs(square.dx - 4) < 0.6 && abs(square.dy) < 0.4)
  }

  @Test(arguments: [0.0, 1, 3, 5]) func `sensor noise alone is no motion`(noise: Double) {
    let field = MotionField(
      from: MotionImage(picture(scene, noise: noise, frame: 1)),
      to: MotionImage(picture(scene, noise: noise, frame: 2)))
    #expect(!field.camera.isMoving)
    #expect(zip(field.dx, field.dy).allSatisfy { $0 == 0 && $1 == 0 })
    let changed = field.change.indices.filter { field.changeBeyondNoise($0) > 1 }
    #expect(changed.isEmpty)
  }

  @Test(arguments: [0.6, 0.8, 1.1]) func `a step of light is neither motion nor change`(
    gain: Double
  ) {
    let field = MotionField(
      from: MotionImage(picture(scene, [.init(x: 60, y: 40, side: 32)], noise: 1, frame: 1)),
      to: MotionImage(
        picture(scene, [.init(x: 60, y: 40, side: 32)], gain: gain, noise: 1, frame: 2)))
    #expect(zip(field.dx, field.dy).allSatisfy { abs($0) < 0.2 && abs($1) < 0.2 })
    let change = field.change.indices.reduce(0) { $0 + field.changeBeyondNoise($1) }
    #expect(change / Float(field.change.count) < 0.3)
  }

  @Test(arguments: [(320, 240), (161, 121), (20, 300), (1, 1)])
  func `any size is analysed`(width: Int, height: Int) {
    let image = MotionImage(RGBImage(width: width, height: height, red: 10, green: 20, blue: 30))
    #expect(image.width >= 48 && image.height >= 48 && max(image.width, image.height) <= 160)
    let field = MotionField(from: image, to: image)
    #expect(field.dx.allSatisfy { $0 == 0 })
    #expect(abs(image.meanBrightness - 18.15) < 0.1)
  }
}
