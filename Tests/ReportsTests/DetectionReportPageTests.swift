import Foundation
import Reports
import TestSupport
import Testing
import Video

@Suite(.blocking) struct DetectionReportPageTests {
  private func matches(_ pattern: String, in html: String) throws -> Int {
    html.matches(of: try Regex(pattern)).count
  }

  @Test("every picture is in the page and nothing points outside it")
  func selfContained() throws {
    let html = try DetectionReportPage(report: SampleReport.make(videos: 3)).html()
    #expect(try matches("<img src=\"data:image/jpeg;base64,", in: html) == 18)
    #expect(!html.contains("://"))
    #expect(try matches("(src|href)=\"(?!data:|#)", in: html) == 0)
    #expect(!html.contains("@import") && !html.contains("url("))
    #expect(html.contains("default-src 'none'"))
  }

  @Test("an overview stands before the cards of many videos, and only there")
  func overview() throws {
    let few = try SampleReport.make(videos: 3, withPictures: false)
    let many = try SampleReport.make(videos: 12, withPictures: false)
    #expect(!(try DetectionReportPage(report: few).html().contains("class=\"tiles")))
    let html = try DetectionReportPage(report: many).html()
    #expect(try matches("<a class=\"tile", in: html) == 12)
    #expect(try matches("<article", in: html) == 12)
    let anchors = html.matches(of: /<a class="tile[^>]* href="#(v\d+)"/).map(\.output.1)
    #expect(anchors.allSatisfy { html.contains("id=\"\($0)\"") })
  }

  @Test("more than thirty videos come as closed cards")
  func collapsed() throws {
    let html = try DetectionReportPage(report: SampleReport.make(videos: 31, withPictures: false))
      .html()
    #expect(try matches("<details class=\"panel card\"", in: html) == 31)
    #expect(!html.contains("<details open"))
  }

  @Test("what is not known is not shown")
  func unknown() throws {
    let video = ReportVideo(
      id: "clip", durationSeconds: 4,
      scores: [ReportScore(startSeconds: 0, endSeconds: 4, score: 0.2)])
    let html = try DetectionReportPage(
      report: DetectionReport(title: "clip", dataset: "one file", videos: [video])
    ).html()
    #expect(html.contains("class unknown"))
    for absent in ["truth-band\" x", "detected-bar\" x", "<h2>Pipeline", "AUC</span>", "annotated"]
    {
      #expect(!html.contains(absent), "\(absent)")
    }
  }

  @Test("a video without scores says so")
  func noScores() throws {
    let video = ReportVideo(id: "clip", durationSeconds: 4, scores: [])
    let html = try DetectionReportPage(
      report: DetectionReport(title: "t", dataset: "d", videos: [video])
    ).html()
    #expect(html.contains("This video has no scores."))
  }

  @Test("the pipeline names model, revision, key, items and failures")
  func pipeline() throws {
    let html = try DetectionReportPage(report: SampleReport.make(videos: 1, withPictures: false))
      .html()
    for text in [
      "Qwen/Qwen2.5-VL-7B-Instruct", "cc594898137f…", "6c1f0f9e7ab24b7d9f11", "1 failed",
      "<span class=\"badge real\">real</span>", "<span class=\"badge\">built-in</span>",
    ] {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test("bytes that are no JPEG or PNG are not embedded")
  func foreignPicture() throws {
    var report = try SampleReport.make(videos: 1, withPictures: false)
    report.videos[0].keyFrames[0].image = Data("<svg onload='alert(1)'/>".utf8)
    let html = try DetectionReportPage(report: report).html()
    #expect(!html.contains("<img"))
    #expect(html.contains("no picture"))
  }

  @Test("a thumbnail is 240 pixels wide and keeps the picture's shape")
  func thumbnail() throws {
    let frame = try ReportKeyFrame(
      timestampSeconds: 1, thumbnailOf: RGBImage(width: 640, height: 360, red: 90))
    let image = try JPEGCodec.decode(try #require(frame.image), name: "thumbnail")
    #expect(image.width == 240 && image.height == 135)
  }

  @Test("sixty videos of an hour make a page below four megabytes")
  func large() throws {
    let scores = (0..<5625).map { (index: Int) -> ReportScore in
      let start = Double(index) * 0.64
      return ReportScore(
        startSeconds: start, endSeconds: start + 0.64, score: Double(index * 37 % 101) / 101)
    }
    let videos = (0..<60).map { (index: Int) -> ReportVideo in
      ReportVideo(id: "v\(index)", className: "Normal", durationSeconds: 3600, scores: scores)
    }
    let html = try DetectionReportPage(
      report: DetectionReport(title: "t", dataset: "d", videos: videos)
    ).html()
    #expect(html.utf8.count < 4_000_000, "\(html.utf8.count) bytes")
  }
}
