import Foundation
import FoundationXML
import KeyEvents
import SelectionReports
import Testing
import Video

@Suite struct ComparisonPictureTests {
  private func picture(frames: Int = 3, withPictures: Bool = true) throws -> String {
    let comparison = StrategyComparison(
      curve: StrategyComparisonTests.curve, frames: frames)
    var pictures: [Int: RGBImage] = [:]
    if withPictures {
      for candidate in comparison.chosenCandidates {
        pictures[candidate] = RGBImage(width: 64, height: 48, red: UInt8(candidate * 10))
      }
    }
    return try ComparisonPicture(
      comparison: comparison, title: "a <b> & c.mp4", subtitle: "20 candidates",
      pictures: pictures
    ).svg()
  }

  @Test("the picture is well-formed XML that names events, strategies and times")
  func content() throws {
    let svg = try picture()
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(svg.contains("a &lt;b&gt; &amp; c.mp4"))
    #expect(svg.contains(">event 1<"))
    for strategy in SelectionStrategy.allCases { #expect(svg.contains(">\(strategy.rawValue)<")) }
    #expect(svg.contains("0:11.0 · peak 1"))
    #expect(!svg.contains("nan"))
  }

  @Test("each chosen picture is in the file once, however many strategies chose it")
  func embedding() throws {
    let svg = try picture()
    let comparison = StrategyComparison(
      curve: StrategyComparisonTests.curve, frames: 3)
    let embedded = svg.components(separatedBy: "data:image/jpeg;base64,").count - 1
    let uses = svg.components(separatedBy: "<use ").count - 1
    #expect(embedded == comparison.chosenCandidates.count)
    #expect(uses == comparison.rows.reduce(0) { $0 + $1.picks.count })
    #expect(uses > embedded)
  }

  @Test("without a video there are marks and no pictures")
  func marksAlone() throws {
    let svg = try picture(withPictures: false)
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(!svg.contains("<image"))
    #expect(svg.contains("class=\"mark peak\""))
  }

  @Test("twenty frames a strategy go to two lines")
  func lines() throws {
    let few = try picture(frames: 8)
    let many = try picture(frames: 20)
    func height(_ svg: String) -> Int {
      Int(svg.firstMatch(of: #/ height="(\d+)" viewBox/#)?.1 ?? "") ?? 0
    }
    #expect(height(many) > height(few))
    #expect(XMLParser(data: Data(many.utf8)).parse())
  }
}
