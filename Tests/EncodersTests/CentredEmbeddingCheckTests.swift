import Foundation
import TestSupport
import Testing

/// The check that the encoders are judged by, on rows whose neighbours are known.
@Suite struct CentredEmbeddingCheckTests {
  /// 22 groups around a circle, each of a row, one 0.02 rad after it and one 0.03
  /// before it; their mean is 0.
  private static let angles = (0..<22).flatMap { group in
    [0, 0.02, -0.03].map { 2 * Double.pi * Double(group) / 22 + $0 }
  }

  private static func rows(_ angles: [Double]) -> [[Float]] {
    angles.map { [Float(cos($0)), Float(sin($0))] }
  }

  private let check = CentredEmbeddingCheck(reference: rows(angles))

  @Test("the reference itself loses nothing")
  func theReferencePasses() {
    let report = check.compare(Self.rows(Self.angles))
    #expect(report.passes && report.lostNeighbours.isEmpty)
  }

  @Test("a neighbour exchanged with one hardly farther away has moved and is not lost")
  func aTieIsNoLoss() {
    var angles = Self.angles
    angles[0] = -0.02
    let report = check.compare(Self.rows(angles))
    #expect(report.movedNeighbours == [0])
    #expect(report.lostNeighbours.isEmpty)
    #expect(abs(report.errors[0] - 0.02) < 1e-4)
    #expect(!report.passes)
  }

  @Test("a neighbour from another side is lost, and so is that of a row without numbers")
  func anotherNeighbourIsLost() {
    var angles = Self.angles
    angles[0] = .pi + 0.14
    #expect(check.compare(Self.rows(angles)).lostNeighbours == [0])
    var rows = Self.rows(Self.angles)
    rows[3] = [.nan, .nan]
    let report = check.compare(rows)
    #expect(report.lostNeighbours == [3])
    #expect(report.errors[3] == .infinity)
  }
}
