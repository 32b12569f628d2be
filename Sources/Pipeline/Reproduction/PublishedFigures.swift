/// A figure that the papers and those who ran their code report.
public enum ReproducedMeasure: String, Codable, Sendable, CaseIterable {
  /// Frame AUC and AP by the binary score.
  case auc1 = "AUC1"
  case ap1 = "AP1"
  /// The same by 1 minus the normal class's score.
  case auc2 = "AUC2"
  case ap2 = "AP2"
  /// mAP@IoU in the form of VadCLIP's code, mean over 0.1 to 0.5.
  case map = "mAP@IoU"
}

/// A published figure of one model on one data set, with what others got by training again.
public struct PublishedFigure: Codable, Sendable, Equatable {
  /// A figure and where it stands.
  public struct Report: Codable, Sendable, Equatable {
    /// In percent.
    public var value: Double
    public var source: String
  }

  /// The family's name, and the ablations of it.
  public var model: String
  public var ablations: [String]
  /// The data set's name.
  public var dataset: String
  public var measure: ReproducedMeasure
  public var published: Report
  /// What the authors' code gave to others, the newest last.
  public var retrained: [Report]

  /// How far seeds alone move frame AUC and AP, in points, by reported trainings.
  public static let seedMargin = 0.5

  /// Where a training with the authors' protocol is expected: from the least to the greatest
  /// report, and for frame figures the margin of the seeds besides. Nil for a single mAP@IoU,
  /// which few events make too noisy for a range.
  public var expected: ClosedRange<Double>? {
    let values = [published.value] + retrained.map(\.value)
    let margin = measure == .map ? 0 : Self.seedMargin
    guard let least = values.min(), let greatest = values.max(), greatest > least || margin > 0
    else { return nil }
    return least - margin...greatest + margin
  }

  private init(
    _ model: String, _ ablations: [String] = [], on dataset: String, _ measure: ReproducedMeasure,
    _ value: Double, by source: String, retrained: [(Double, String)] = []
  ) {
    self.model = model
    self.ablations = ablations
    self.dataset = dataset
    self.measure = measure
    published = Report(value: value, source: source)
    self.retrained = retrained.map { Report(value: $0.0, source: $0.1) }
  }

  private static let vadclip = "VadCLIP's paper, AAAI 2024"
  private static let dbvad = "DBVAD's poster, PRCV 2025"
  private static let clipFusion = "ClipFusionVAD's README"
  private static let ucf = "ucf-crime"
  private static let xd = "xd-violence"

  /// All that is known. MGTE's authors print no figure that could be read.
  public static let known: [PublishedFigure] = [
    PublishedFigure(
      "vadclip", on: ucf, .auc1, 88.02, by: vadclip,
      retrained: [(87.56, "VadCLIP issue 32"), (87.35, "VadCLIP issue 34")]),
    PublishedFigure(
      "vadclip", on: ucf, .auc2, 85.69, by: "VadCLIP's released checkpoint",
      retrained: [(86.03, "VadCLIP issue 32")]),
    PublishedFigure(
      "vadclip", on: ucf, .map, 6.68, by: vadclip,
      retrained: [(7.29, "VadCLIP issue 32"), (7.00, "VadCLIP issue 34")]),
    PublishedFigure(
      "vadclip", on: xd, .ap2, 84.51, by: vadclip,
      retrained: [(75.46, "VadCLIP issue 24"), (83.21, "VadCLIP issue 34, 20 epochs")]),
    PublishedFigure(
      "vadclip", on: xd, .map, 24.70, by: vadclip,
      retrained: [(22.32, "VadCLIP issue 24"), (23.17, "VadCLIP issue 34, 20 epochs")]),
    PublishedFigure("dbvad", on: ucf, .auc1, 88.08, by: dbvad),
    PublishedFigure("dbvad", on: xd, .ap1, 84.67, by: dbvad),
    PublishedFigure("dbvad", ["no-dbm"], on: ucf, .auc1, 85.54, by: "\(dbvad): its row TMM alone"),
    PublishedFigure("clipfusion", on: ucf, .auc1, 86.77, by: clipFusion),
    PublishedFigure("clipfusion", on: ucf, .map, 9.4, by: clipFusion),
    PublishedFigure(
      "clipfusion", on: xd, .ap2, 77.78, by: "\(clipFusion), which calls it accuracy"),
    PublishedFigure("clipfusion", on: xd, .map, 28.07, by: clipFusion),
  ]

  /// The figures of a model with these ablations on a data set.
  public static func of(model: String, ablations: [String], dataset: String) -> [PublishedFigure] {
    known.filter {
      $0.model == model && Set($0.ablations) == Set(ablations) && $0.dataset == dataset
    }
  }
}
