import Foundation
import Training

/// From which score on a stretch counts as detected, and why from there.
public struct AlarmThreshold: Sendable, Equatable {
  /// The threshold of a checkpoint without one.
  public static let uncalibrated: Float = 0.5

  public let value: Float
  /// What the value was set by; nil where it was given, or stands for want of a better one.
  public let calibration: ScoreCalibration?
  private let isGiven: Bool

  /// - Parameters:
  ///   - given: what the user asked for; nil for the checkpoint's.
  ///   - record: of the checkpoint.
  public init(given: Float?, record: CheckpointRecord) {
    isGiven = given != nil
    if let given {
      (value, calibration) = (given, nil)
    } else if let threshold = record.calibration?.threshold {
      (value, calibration) = (threshold, record.calibration)
    } else {
      (value, calibration) = (Self.uncalibrated, nil)
    }
  }

  /// The share of normal videos with a false alarm that it was set for; nil where none was.
  public var falseAlarmRate: Double? { calibration?.falseAlarmRate }

  /// What it was set for, in words.
  public var reason: String {
    guard let calibration else {
      return isGiven ? "as given" : "not calibrated"
    }
    return "set for false alarms on at most \(Self.words(calibration.falseAlarmRate)) normal "
      + "videos, by \(calibration.normalVideos) held-out ones"
  }

  /// The threshold in a report.
  var sentence: String {
    "Detected is a stretch with scores from \(String(format: "%.3f", value)) on, the threshold "
      + "\(reason)."
  }

  /// `1 in 10`, or a percentage.
  static func words(_ rate: Double) -> String {
    let inverse = 1 / rate
    return abs(inverse - inverse.rounded()) < 1e-6
      ? "1 in \(Int(inverse.rounded()))" : "\(rate * 100)% of"
  }
}
