import Descriptions
import Testing

@Suite("Qwen image budget")
struct QwenImageBudgetTests {
  // From qwen-vl-utils' smart_resize at its default limits.
  @Test(
    "sizes and tokens equal the reference's",
    arguments: [
      (320, 240, 308, 252, 99), (640, 360, 644, 364, 299), (856, 480, 868, 476, 527),
      (1280, 720, 1288, 728, 1196), (1920, 1080, 1932, 1092, 2691),
    ])
  func defaults(width: Int, height: Int, sentWidth: Int, sentHeight: Int, tokens: Int) throws {
    let cost = try #require(QwenImageBudget.modelDefault.cost(width: width, height: height))
    #expect((cost.width, cost.height) == (sentWidth, sentHeight))
    #expect(cost.tokens == tokens + 2)
  }

  @Test(
    "small images grow to the lower limit, large ones shrink to the upper one",
    arguments: [
      (320, 240, 256, 16_384, 532, 392, 266), (1920, 1080, 256, 1280, 1316, 728, 1222),
      (856, 480, 4, 256, 588, 308, 231), (1280, 720, 4, 256, 588, 336, 252),
      (1920, 1080, 4, 256, 588, 336, 252), (320, 240, 4, 256, 308, 252, 99),
    ])
  func limits(
    width: Int, height: Int, minimum: Int, maximum: Int, sentWidth: Int, sentHeight: Int,
    tokens: Int
  ) throws {
    let budget = QwenImageBudget(minimumPixels: minimum * 784, maximumPixels: maximum * 784)
    let size = try #require(budget.size(width: width, height: height))
    #expect(size == (sentWidth, sentHeight))
    #expect(budget.tokens(width: size.width, height: size.height) == tokens)
  }

  @Test("halves round to even: 42 and 70 pixels become 56, 14 pixels become 28")
  func halfToEven() throws {
    let budget = QwenImageBudget(minimumPixels: 1, maximumPixels: 1 << 30)
    for (side, expected) in [(42, 56), (70, 56), (14, 28), (98, 112), (126, 112), (1, 28)] {
      #expect(try #require(budget.size(width: side, height: side)).width == expected)
    }
  }

  @Test("a ratio of 200 is accepted, 201 is refused, and no side becomes 0")
  func ratios() throws {
    let budget = QwenImageBudget(maximumPixels: 100 * 784)
    #expect(budget.size(width: 201, height: 1) == nil)
    #expect(budget.size(width: 0, height: 10) == nil)
    let size = try #require(budget.size(width: 28 * 200, height: 28))
    #expect(size.height == 28)
    #expect(size.width > 0)
  }

  @Test("resizing an image again does not change its size")
  func idempotent() throws {
    let budget = QwenImageBudget()
    for width in stride(from: 20, through: 4000, by: 173) {
      for height in stride(from: 20, through: 2500, by: 191) {
        let once = try #require(budget.size(width: width, height: height))
        #expect(try #require(budget.size(width: once.width, height: once.height)) == once)
        #expect(
          try #require(
            QwenImageBudget.modelDefault.size(width: once.width, height: once.height)) == once)
        #expect(once.width * once.height <= budget.maximumPixels)
      }
    }
  }

  @Test("a factor of 32 moves the grid")
  func qwen3() throws {
    let size = try #require(QwenImageBudget(factor: 32).size(width: 320, height: 240))
    #expect(size == (320, 256))
  }
}
