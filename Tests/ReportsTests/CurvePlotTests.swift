import Foundation
import Reports
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct CurvePlotTests {
  private var video: ReportVideo {
    ReportVideo(
      id: "clip", className: "Fighting", isAnomalous: true, durationSeconds: 10,
      scores: (0..<10).map {
        ReportScore(
          startSeconds: Double($0), endSeconds: Double($0 + 1), score: $0 == 6 ? 0.875 : 0.125)
      },
      groundTruth: [
        ReportInterval(startSeconds: 2.5, endSeconds: 4),
        ReportInterval(startSeconds: 6, endSeconds: 6.75),
      ],
      threshold: 0.5, detections: [ReportInterval(startSeconds: 6, endSeconds: 7)],
      keyFrames: [
        ReportKeyFrame(timestampSeconds: 1.5, image: nil, role: "context"),
        ReportKeyFrame(timestampSeconds: 6.5, image: nil, role: "peak"),
      ])
  }

  @Test("annotated and detected intervals stand at their share of the width")
  func intervals() throws {
    let elements = try SVGElements.of(CurvePlot(video: video).svg())
    func spans(_ kind: String) -> [[String]] {
      elements.filter { $0["class"] == kind && $0["x"]?.hasSuffix("%") ?? false }.map {
        [$0["x"] ?? "", $0["width"] ?? ""]
      }
    }
    #expect(spans("truth-band") == [["25%", "15%"], ["60%", "7.5%"]])
    #expect(spans("truth-bar") == [["25%", "15%"], ["60%", "7.5%"]])
    #expect(spans("detected-bar") == [["60%", "10%"]])
  }

  @Test("key-frame pins stand at their times, their dots on the curve")
  func pins() throws {
    let elements = try SVGElements.of(CurvePlot(video: video).svg())
    #expect(
      elements.filter { $0["class"] == "pin-head" }.compactMap { $0["cx"] }.suffix(2) == [
        "15%", "65%",
      ])
    let dots = elements.filter { $0["class"] == "pin-dot" }.compactMap { Double($0["cy"] ?? "") }
    let grid = elements.filter { $0["class"] == "grid" }.compactMap { Double($0["y1"] ?? "") }
    try #require(dots.count == 2 && grid.count == 3)
    // Grid lines stand at 0, 0.5 and 1; the dots at 0.125 and 0.875.
    #expect(abs(dots[0] - (grid[0] * 0.875 + grid[2] * 0.125)) < 0.01)
    #expect(abs(dots[1] - (grid[0] * 0.125 + grid[2] * 0.875)) < 0.01)
  }

  @Test("the time axis rises from 0 at the left edge")
  func timeAxis() throws {
    let elements = try SVGElements.of(CurvePlot(video: video).svg())
    let ticks = elements.filter { $0["element"] == "text" && $0["x"]?.hasSuffix("%") ?? false }
      .filter { $0["class"] == "label" }
      .compactMap { Double(($0["x"] ?? "").dropLast()) }
    #expect(ticks.first == 0 && ticks.last == 100 && ticks.count == 11)
    #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("pieces of one interval are drawn as one")
  func joinedIntervals() throws {
    var video = video
    video.detections = [
      ReportInterval(startSeconds: 1, endSeconds: 2),
      ReportInterval(startSeconds: 2.0000001, endSeconds: 3),
      ReportInterval(startSeconds: 5, endSeconds: 6),
    ]
    let elements = try SVGElements.of(CurvePlot(video: video).svg())
    #expect(
      elements.filter { $0["class"] == "detected-bar" && $0["x"]?.hasSuffix("%") ?? false }
        .map { $0["width"] } == ["20%", "10%"])
  }

  @Test("hostile names leave a well-formed file that asks nothing of the network")
  func hostileName() throws {
    var video = video
    video.id =
      "a<script>alert(1)</script>&\"'\u{2028}\u{202E}\0" + String(repeating: "w", count: 900)
    video.className = "]]><svg onload=x>"
    video.keyFrames[0].role = "</title><script>"
    let svg = try CurvePlot(video: video, width: 320).svg()
    let elements = try SVGElements.of(svg)
    #expect(!elements.contains { $0["element"] == "script" || $0["onload"] != nil })
    #expect(elements.allSatisfy { $0["href"] == nil && $0["xlink:href"] == nil })
    #expect(svg.components(separatedBy: "://").count == 2, "only the SVG namespace is a URL")
  }

  @Test("the file is written whole")
  func write() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("scores/clip.svg")
    try CurvePlot(video: video).write(to: url)
    #expect(try String(contentsOf: url, encoding: .utf8).hasSuffix("</svg>\n"))
  }
}

/// The elements of an SVG document in order: their attributes, and their name
/// under "element". Throws for XML that is not well formed.
enum SVGElements {
  static func of(_ document: String) throws -> [[String: String]] {
    let collector = Collector()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = collector
    guard parser.parse() else {
      throw parser.parserError ?? CocoaError(.fileReadCorruptFile)
    }
    return collector.elements
  }

  private final class Collector: NSObject, XMLParserDelegate {
    var elements: [[String: String]] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      elements.append(attributes.merging(["element": name]) { first, _ in first })
    }
  }
}
