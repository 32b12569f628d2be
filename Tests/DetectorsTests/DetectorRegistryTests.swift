import Detectors
import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct DetectorRegistryTests {
  private let family = DetectorRegistry.standard.standardFamily
  private let inputs = DetectorInputs(classes: ["normal", "fight"])

  private func plan(_ preset: String = "", builtIn: Bool = false, _ sets: String...) throws
    -> DetectorPlan
  {
    try family.plan(preset: preset, hasBuiltInFeatures: builtIn, sets: sets, inputs: inputs)
  }

  private func model(_ plan: DetectorPlan) throws -> DBVADConfiguration {
    try plan.configuration.decoded()
  }

  @Test("the base preset fits the features, and ablations change it")
  func presets() throws {
    let clip = try plan()
    #expect(clip.presets == ["clip"] && clip.variant == "dbvad" && clip.usesDescriptions)
    #expect(try model(clip) == DBVADConfiguration() && clip.training == TrainingConfiguration())
    let builtIn = try plan("no-dbm", builtIn: true)
    #expect(builtIn.presets == ["builtin", "no-dbm"] && builtIn.variant == "dbvad-no-dbm")
    #expect(!builtIn.usesDescriptions && builtIn.inputs.standardizesFeatures)
    #expect(try model(builtIn).modelWidth == 128 && builtIn.training.epochs == 20)
    #expect(try plan("builtin+gcn").presets == ["builtin", "gcn"])
    #expect(
      throws: DetectorError.unknownPreset(
        name: "none", model: "dbvad", known: family.presets.map(\.name))
    ) { try plan("none") }
    #expect(throws: DetectorError.self) { try plan("clip+builtin") }
  }

  @Test("settings are typed: model, inputs and training by one key each")
  func settings() throws {
    let changed = try plan(
      "", builtIn: false, "modelWidth=64", "temporal=gcn", "kernelSizes=5,3,3", "usesSFP=false",
      "temperature=0.1", "maximumSnippets=32", "learningRate=1e-3", "gradientNormLimit=1",
      "selection=bestValidation")
    let model = try model(changed)
    #expect(model.modelWidth == 64 && model.temporal == .gcn && model.kernelSizes == [5, 3, 3])
    #expect(!model.usesSFP && model.temperature == 0.1)
    #expect(changed.inputs.maximumSnippets == 32 && changed.inputs.classes == inputs.classes)
    #expect(changed.training.learningRate == 1e-3 && changed.training.gradientNormLimit == 1)
    #expect(changed.training.selection == .bestValidation)
    #expect(
      try plan("", builtIn: false, "gradientNormLimit=none").training.gradientNormLimit == nil)
  }

  @Test("a schedule keeps its proportions when the epochs change, unless it is set")
  func schedule() throws {
    #expect(try plan("", builtIn: false, "epochs=5").training.milestones == [2, 4])
    #expect(
      try plan("", builtIn: false, "epochs=5", "milestones=1,3").training.milestones == [1, 3])
  }

  @Test("unknown keys are refused with the near ones, bad values with their form")
  func refusals() throws {
    #expect(
      throws: DetectorError.unknownSetting(
        key: "learningrat", model: "dbvad", near: ["learningRate"])
    ) { try plan("", builtIn: false, "learningrat=1") }
    #expect(
      throws: DetectorError.badConfiguration(
        key: "temporal", found: "lstm", expected: "none|gcn|ptc|multi|ptc+gcn")
    ) { try plan("", builtIn: false, "temporal=lstm") }
    #expect(
      throws: DetectorError.badConfiguration(key: "modelWidth", found: "wide", expected: "n")
    ) { try plan("", builtIn: false, "modelWidth=wide") }
    #expect(throws: DetectorError.self) { try plan("", builtIn: false, "modelWidth") }
    // What the data decide, and what --seed does, is no setting.
    for key in ["visualWidth", "classes", "seed"] {
      #expect(throws: DetectorError.self) { try plan("", builtIn: false, "\(key)=1") }
    }
    let known = ["dbvad", "vadclip", "mgte", "clipfusion"]
    #expect(throws: DetectorError.unknownModel(name: "vad", known: known)) {
      try DetectorRegistry.standard.family("vad")
    }
  }

  @Test("every setting is listed with its value, its form and a sentence")
  func listed() throws {
    let settings = try family.settings(preset: "builtin")
    #expect(Set(settings.map(\.key)).count == settings.count)
    #expect(settings.allSatisfy { !$0.help.isEmpty && !$0.form.isEmpty && !$0.value.isEmpty })
    #expect(settings.first { $0.key == "epochs" }?.value == "20")
    #expect(settings.first { $0.key == "gradientNormLimit" }?.value == "none")
    #expect(settings.first { $0.key == "selection" }?.form == "last|bestValidation|bestTest")
  }

  @Test("every preset of every family makes a model that lists all its parts")
  func parts() throws {
    for family in DetectorRegistry.standard.families {
      for preset in family.presets {
        let plan = try family.plan(preset: preset.name, hasBuiltInFeatures: false, inputs: inputs)
        var generator = SeededGenerator(seed: 1)
        let model = try DetectorModel(
          family, configuration: plan.configuration, inputs: plan.inputs,
          labels: .fixed(Tensor(shape: [2, 512])), generator: &generator)
        #expect(model.network.unlistedParts.isEmpty, "\(family.name), \(preset.name)")
      }
    }
  }
}
