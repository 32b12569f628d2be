import Datasets
import Encoders
import Foundation
import KeyEvents
import Records
import Tensors
import TestSupport
import Testing
import Video

/// Encodes a picture as its mean colour.
private struct ColourEncoder: ImageEncoder {
  var identity: EncoderIdentity { EncoderIdentity(kind: "clip", model: "colour", dimension: 3) }

  func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float> {
    Tensor(
      shape: [images.count, 3],
      scalars: images.flatMap { image in image.pixels.prefix(3).map(Float.init) })
  }
}

/// Encodes the names of colours.
private struct ColourNameEncoder: TextEncoder {
  var dimension = 3
  var identity: EncoderIdentity {
    EncoderIdentity(kind: "clip", model: "colour", dimension: dimension)
  }
  var maximumTokens: Int? { nil }
  func tokenCount(of text: String) -> Int { 1 }
  func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    Tensor(
      shape: [texts.count, dimension],
      scalars: texts.flatMap { text in
        [Float](
          [text.contains("red") ? 2 : 0, text.contains("green") ? 1 : 0, 0.01].prefix(dimension))
      })
  }
}

@Suite struct RelevanceScorerTests {
  private func scorer(_ queries: RelevanceQueries) throws -> CLIPRelevanceScorer {
    try CLIPRelevanceScorer(
      imageEncoder: ColourEncoder(), textEncoder: ColourNameEncoder(), queries: queries,
      encoding: FrameEncoding(batchSize: 2))
  }

  private func image(_ red: UInt8, _ green: UInt8, _ blue: UInt8 = 0) -> RGBImage {
    RGBImage(width: 2, height: 2, red: red, green: green, blue: blue)
  }

  @Test func `relevance is the greatest cosine with a query, and names that query`() throws {
    let some = try scorer(.free(["red", "green"])).relevance(
      of: [image(200, 0), image(0, 50), image(100, 100)])
    #expect(some.map(\.prompt) == ["red", "green", "red"])
    let values = some.compactMap(\.value)
    #expect(abs(values[0] - 1) < 1e-4 && abs(values[1] - 1) < 1e-3)
    #expect(abs(values[2] - 0.5.squareRoot()) < 1e-3)
  }

  @Test func `what normality says is taken away`() throws {
    let some = try scorer(RelevanceQueries(wanted: ["red"], unwanted: ["green"])).relevance(
      of: [image(100, 100), image(200, 0)])
    let values = some.compactMap(\.value)
    #expect(abs(values[0]) < 0.01 && values[1] > 0.98)
    #expect(some.map(\.margin) == some.map(\.value))
  }

  @Test func `a free query's margin is over the neutral prompts, its relevance over none`() throws {
    let some = try scorer(RelevanceQueries.free(["red"], neutral: ["green"])).relevance(
      of: [image(100, 100), image(200, 0)])
    #expect(abs((some[0].margin ?? 9)) < 0.01 && (some[1].margin ?? 0) > 0.98)
    #expect(abs((some[0].value ?? 0) - 0.5.squareRoot()) < 1e-3)
    #expect(try scorer(.free(["red"])).relevance(of: [image(200, 0)])[0].margin == nil)
  }

  @Test func `a candidate's embedding is the encoder's, of length 1`() throws {
    let embedding = try #require(scorer(.free(["red"])).relevance(of: [image(30, 40)])[0].embedding)
    #expect(abs(embedding[0] - 0.6) < 1e-6 && abs(embedding[1] - 0.8) < 1e-6)
  }

  @Test func `a picture whose embedding is no direction stays unscored`() throws {
    let some = try scorer(.free(["red"])).relevance(of: [image(0, 0)])
    #expect(some.map(\.value) == [nil])
  }

  @Test func `batches do not matter, and only candidates are scored`() throws {
    let scorer = try scorer(.free(["red"]))
    let info = VideoInfo(
      path: "x.mp4", width: 2, height: 2, durationSeconds: 1, averageFrameRate: 5,
      claimedFrameCount: nil, codec: "h264", container: "mp4", hasAudio: false)
    let scoring = scorer.begin(info)
    let images = (0..<5).map { image(UInt8(10 + 40 * $0), 100) }
    for (place, image) in images.enumerated() {
      try scoring.observe(
        VideoFrame(frameIndex: place, timestampSeconds: Double(place), image: image),
        isCandidate: place != 2)
    }
    let expected = try scorer.relevance(of: images)
    #expect(try scoring.finish() == [expected[0], expected[1], expected[3], expected[4]])
  }

  @Test func `scorers of one identity have the same prompts for and against, and skip alike`()
    throws
  {
    let first = try scorer(RelevanceQueries(wanted: ["red"], unwanted: ["green"])).identity
    #expect(try scorer(RelevanceQueries(wanted: ["red"], unwanted: ["green"])).identity == first)
    for other in [
      RelevanceQueries(wanted: ["red"], unwanted: ["blue"]), RelevanceQueries(wanted: ["red"]),
      RelevanceQueries(wanted: ["red"], neutral: ["green"]),
      RelevanceQueries(wanted: ["red", "green"]),
    ] {
      #expect(try scorer(other).identity != first)
    }
    let skipping = try CLIPRelevanceScorer(
      imageEncoder: ColourEncoder(), textEncoder: ColourNameEncoder(),
      queries: RelevanceQueries(wanted: ["red"], unwanted: ["green"]),
      encoding: FrameEncoding(skipping: StaticFrameRule()))
    #expect(skipping.identity != first)
  }

  @Test func `no query and encoders of different spaces are refused`() {
    #expect(throws: KeyEventError.self) { try scorer(.free([])) }
    #expect(throws: KeyEventError.self) {
      try CLIPRelevanceScorer(
        imageEncoder: ColourEncoder(), textEncoder: ColourNameEncoder(dimension: 2),
        queries: .free(["red"]))
    }
  }
}

@Suite struct RelevanceQueriesTests {
  private let descriptor = DatasetDescriptor(
    name: "toy", title: "Toy", layout: .ucf,
    classes: [
      ClassDescriptor(name: "Normal", displayPrompts: ["normal life"], isNormal: true),
      ClassDescriptor(name: "Fighting", displayPrompts: ["a fight", "people fighting"]),
      ClassDescriptor(name: "RoadAccidents"),
    ])

  @Test func `a label is its class's words in every template, against normality`() throws {
    let templates = try ClassPromptTemplates(templates: ["a video of {label}", "{label} on CCTV"])
    let queries = try RelevanceQueries.label("fighting", in: descriptor, templates: templates)
    #expect(
      queries.wanted == [
        "a video of a fight", "a fight on CCTV", "a video of people fighting",
        "people fighting on CCTV",
      ])
    #expect(queries.unwanted == ["a video of normal life", "normal life on CCTV"])
  }

  @Test func `any anomaly is all classes but the normal one`() throws {
    let templates = try ClassPromptTemplates(templates: ["a video of {label}"])
    let queries = RelevanceQueries.anyAnomaly(in: descriptor, templates: templates)
    #expect(
      queries.wanted == [
        "a video of a fight", "a video of people fighting", "a video of road accidents",
      ])
  }

  @Test func `an unknown label and a template without a place for it are errors`() throws {
    let templates = try ClassPromptTemplates(templates: ["a video of {label}"])
    #expect(throws: DatasetError.self) {
      try RelevanceQueries.label("flying", in: descriptor, templates: templates)
    }
    #expect(throws: RecordError.self) { try ClassPromptTemplates(templates: ["a video"]) }
    #expect(throws: RecordError.self) {
      try ClassPromptTemplates(templates: ["a video of {label}", "a video of {lable}"])
    }
    #expect(throws: RecordError.self) { try ClassPromptTemplates(templates: []) }
  }

  @Test func `the project's own templates are read without their comments`() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("class-prompts.txt")
    try Data("# how\n\na video of {label}\na video\n".utf8).write(to: url)
    let read = try ClassPromptTemplates(contentsOf: url)
    #expect(read.templates == ["a video of {label}"] && read.neutral == ["a video"])
  }

  @Test func `a video of two classes has the prompts of both, against normality once`() throws {
    let templates = try ClassPromptTemplates(templates: ["a video of {label}", "a video"])
    let queries = try RelevanceQueries.labels(
      ["Fighting", "RoadAccidents"], in: descriptor, templates: templates)
    #expect(
      queries.wanted == [
        "a video of a fight", "a video of people fighting", "a video of road accidents",
      ])
    #expect(queries.unwanted == ["a video of normal life"] && queries.neutral == ["a video"])
  }
}

@Suite struct CandidateSamplerTests {
  private func taken(_ sampler: CandidateSampler, _ times: [Double]) -> [Double] {
    sampler.places(in: times).map { times[$0] }
  }

  @Test func `one a second, or four a frame wanted, whichever is more`() {
    #expect(CandidateSampler(frames: 8, durationSeconds: 5).perSecond == 6.4)
    #expect(CandidateSampler(frames: 8, durationSeconds: 600).perSecond == 1)
    #expect(CandidateSampler(frames: 8, durationSeconds: 0).perSecond == 1)
  }

  @Test func `takes the first frame at or after each mark, whatever the frame rate`() {
    let times = (0..<100).map { Double($0) / 10 }
    #expect(taken(CandidateSampler(perSecond: 1), times) == (0..<10).map(Double.init))
    #expect(taken(CandidateSampler(perSecond: 50), times) == times)
    #expect(taken(CandidateSampler(perSecond: .infinity), times) == times)
    // A gap in the timestamps takes one frame, not one for every mark missed.
    #expect(taken(CandidateSampler(perSecond: 1), [0, 0.5, 4.2, 4.6, 5.1]) == [0, 4.2, 5.1])
  }
}
