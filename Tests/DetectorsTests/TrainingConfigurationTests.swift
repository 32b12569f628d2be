import Detectors
import Foundation
import Records
import Testing

@Suite struct TrainingConfigurationTests {
  private func plan(_ sets: [String] = []) throws -> DetectorPlan {
    try DetectorRegistry.standard.standardFamily.plan(
      hasBuiltInFeatures: false, sets: sets, inputs: DetectorInputs(classes: ["normal", "fight"]))
  }

  @Test("the longest name wins, in whole parts; a name of no parameter is refused")
  func rateFactors() throws {
    let names = ["temporal.a", "temporal.graph.b", "temporalSkip", "label_prompt.context"]
    #expect(
      try RateFactors("temporal=2,temporal.graph=0.5,label_prompt.context=0.1").factors(of: names)
        == [2, 0.5, 1, 0.1])
    #expect(try RateFactors("none").factors(of: names) == [1, 1, 1, 1])
    let error = #expect(throws: DetectorError.self) {
      try RateFactors("graph=2").factors(of: names)
    }
    #expect(error?.description.contains("temporal, temporalSkip, label_prompt") == true)
    for text in ["temporal", "temporal=x", "temporal=-1", "=1", "a=1,a=2", "a=1,", ""] {
      #expect(throws: DetectorError.self, "\(text)") { try RateFactors(text) }
    }
  }

  @Test("protocol, optimizer and schedule are set by name, and impossible ones refused")
  func settings() throws {
    let training = try plan([
      "batches=shuffled", "optimizer=sgd", "momentum=0.5", "schedule=cosine", "warmupSteps=10",
      "rateFactors=temporal=2,classifier=0.5",
    ]).training
    #expect(training.batches == .shuffled && training.optimizer == .sgd)
    #expect(training.momentum == 0.5 && training.schedule == .cosine && training.warmupSteps == 10)
    #expect(training.rateFactors == "temporal=2,classifier=0.5")
    #expect(try plan(["epochEnd=smallerSide", "roundsHalfMeans=true"]).inputs.roundsHalfMeans)
    for text in [
      "batches=all", "momentum=1", "warmupSteps=-1", "schedule=linear", "rateFactors=x",
    ] {
      #expect(throws: DetectorError.self, "\(text)") { try plan([text]) }
    }
    #expect(throws: DetectorError.self) { try plan(["batches=shuffled", "epochEnd=smallerSide"]) }
  }

  @Test("a plan from before these settings has their defaults, and the same fingerprint")
  func earlierPlans() throws {
    let plan = try plan(["gradientNormLimit=1", "learningRate=3e-4"])
    let earlier = try plan.fingerprintJSON()
    let text = String(decoding: try JSONRecord.encode(earlier, pretty: false), as: UTF8.self)
    for key in ["batches", "epochEnd", "optimizer", "momentum", "warmupSteps", "roundsHalfMeans"] {
      #expect(!text.contains("\"\(key)\""))
    }
    let decoded = try earlier.decoded() as DetectorPlan
    #expect(decoded.training == plan.training && decoded.inputs == plan.inputs)
    #expect(decoded.variant == plan.variant && decoded.promptLayout == plan.promptLayout)
    // The way through JSON values changes no number's text.
    let whole = String(decoding: try JSONRecord.encode(plan, pretty: false), as: UTF8.self)
    #expect(
      String(
        decoding: try JSONRecord.encode(JSONValue(encoding: plan), pretty: false), as: UTF8.self)
        == whole)
    let other = try self.plan(["optimizer=sgd"]).fingerprintJSON()
    #expect(other["training"]?["optimizer"] == .string("sgd"))
  }
}
