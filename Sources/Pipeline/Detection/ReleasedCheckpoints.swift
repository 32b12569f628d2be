/// What the released checkpoints of a data set were trained with beside their tensors: names of
/// the classes and the texts of their prompts.
struct ReleasedLabels: Sendable {
  struct Label: Sendable {
    /// The class as our descriptors name it.
    var name: String
    /// The prompt's own tokens in CLIP's vocabulary, without start and end.
    var tokens: [Int]
  }

  /// The base preset of the models.
  var preset: String
  /// The data set, as our descriptors name it.
  var dataset: String
  /// In the order of VadCLIP's label maps, the normal class first.
  var labels: [Label]

  /// CLIP's own marks of the start and the end of a text.
  static let (start, end) = (49406, 49407)

  /// VadCLIP's label maps, which ClipFusionVAD shares, with the tokens that CLIP's
  /// byte-pair vocabulary gives the words; "roadaccidents" is one word there.
  static let all = [
    ReleasedLabels(
      preset: "ucf", dataset: "ucf-crime",
      labels: [
        Label(name: "Normal", tokens: [5967]),
        Label(name: "Abuse", tokens: [7678]),
        Label(name: "Arrest", tokens: [9320]),
        Label(name: "Arson", tokens: [29937]),
        Label(name: "Assault", tokens: [9679]),
        Label(name: "Burglary", tokens: [32573]),
        Label(name: "Explosion", tokens: [13785]),
        Label(name: "Fighting", tokens: [4652]),
        Label(name: "RoadAccidents", tokens: [4370, 22072]),
        Label(name: "Robbery", tokens: [16393]),
        Label(name: "Shooting", tokens: [3992]),
        Label(name: "Shoplifting", tokens: [5738, 10857]),
        Label(name: "Stealing", tokens: [14242]),
        Label(name: "Vandalism", tokens: [45664]),
      ]),
    ReleasedLabels(
      preset: "xd", dataset: "xd-violence",
      labels: [
        Label(name: "Normal", tokens: [5967]),
        Label(name: "Fighting", tokens: [4652]),
        Label(name: "Shooting", tokens: [3992]),
        Label(name: "Riot", tokens: [14218]),
        Label(name: "Abuse", tokens: [7678]),
        Label(name: "CarAccident", tokens: [1615, 6608]),
        Label(name: "Explosion", tokens: [13785]),
      ]),
  ]
}
