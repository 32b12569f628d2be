import Detectors

/// What is trained: the whole method, or the method without a part.
public enum TrainingVariant: String, CaseIterable, Sendable {
  /// DBVAD: with the Description Boosted Module.
  case dbvad
  /// Without the Description Boosted Module: no descriptions, binary loss alone.
  case noDBM = "no-dbm"

  /// The variant in words.
  public var spelledOut: String {
    switch self {
    case .dbvad: "DBVAD, with descriptions"
    case .noDBM: "without the DBM (no descriptions)"
    }
  }

  /// Changes a configuration of the whole method into the variant's.
  public func apply(to configuration: inout DBVADConfiguration) {
    if self == .noDBM {
      configuration.usesDBM = false
      configuration.usesSFP = false
    }
  }
}
