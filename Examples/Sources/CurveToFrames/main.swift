// From a relevance curve to frames, without any video.
import Foundation
import KeySelection

// One candidate per half second; something happens at 8 s and at 21 s.
let timestamps = (0..<60).map { Double($0) / 2 }
let curve = RelevanceCurve(
  timestamps: timestamps,
  relevance: timestamps.map { exp(-pow($0 - 8, 2) / 2) + 0.7 * exp(-pow($0 - 21, 2)) },
  durationSeconds: 30)

let selection = try CurveSelection(of: curve, frames: 6, strategy: .kess)
for (candidate, assignment) in zip(selection.chosen, selection.assignments) {
  print("\(timestamps[candidate]) s: \(assignment.role.rawValue), \(assignment.reason)")
}
