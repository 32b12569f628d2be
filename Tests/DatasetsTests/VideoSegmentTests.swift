import Datasets
import Testing

@Suite("Video segments")
struct VideoSegmentTests {
  private func ids(_ seconds: Double, every length: Int) -> [String] {
    VideoSegment.pieces(of: "cam", durationSeconds: seconds, segmentSeconds: length).map(\.id)
  }

  @Test("a last piece shorter than half a segment is joined to the one before it")
  func shortLastPiece() {
    #expect(ids(150, every: 60) == ["cam@0-60", "cam@60-120", "cam@120-150"])
    #expect(ids(149.9, every: 60) == ["cam@0-60", "cam@60-150"])
    #expect(ids(120, every: 60) == ["cam@0-60", "cam@60-120"])
    #expect(ids(90, every: 60) == ["cam@0-60", "cam@60-90"])
  }

  @Test("what is under one and a half segments, or has no length, is not cut")
  func notCut() {
    for seconds in [0, 30, 60, 89.9, .infinity, .nan] { #expect(ids(seconds, every: 60).isEmpty) }
  }

  @Test("pieces follow each other without gap or overlap, and the last has no end")
  func cover() {
    for tenths in stride(from: 100, to: 4000, by: 7) {
      let seconds = Double(tenths) / 10
      let pieces = VideoSegment.pieces(of: "a", durationSeconds: seconds, segmentSeconds: 20)
      guard let last = pieces.last else { continue }
      #expect(pieces[0].startSeconds == 0 && last.isLast && last.span.upperBound == .infinity)
      #expect(pieces.dropLast().allSatisfy { !$0.isLast && $0.endSeconds - $0.startSeconds == 20 })
      #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.endSeconds == $1.startSeconds })
      let length = seconds - Double(last.startSeconds)
      #expect((10..<30).contains(length), "\(length) s at the end of \(seconds) s")
    }
  }

  @Test("a piece of an anomalous video has no label of its own, one of a normal video has")
  func labels() throws {
    let segment = try #require(
      VideoSegment.pieces(of: "v", durationSeconds: 50, segmentSeconds: 20).last)
    func piece(_ isAnomalous: Bool?) -> DatasetVideo {
      DatasetVideo(
        id: "v", path: "/v.mp4", split: "train", classNames: ["A"], isAnomalous: isAnomalous
      ).piece(segment)
    }
    #expect(piece(true).isAnomalous == nil && piece(nil).isAnomalous == nil)
    #expect(piece(false).isAnomalous == false)
    #expect(piece(true).id == "v@40-50" && piece(true).classNames == ["A"])
  }
}
