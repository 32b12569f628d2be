import ArgumentParser

/// What is trained and how. What is not given is the preset's, which fits the features.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The detector: a name of 'train-dbm models'. (default: dbvad)", valueName: "name"))
  var model: String?

  @Option(
    name: [.customLong("preset"), .customLong("presets")],
    help: ArgumentHelp(
      "Presets and ablations, listed by 'train-dbm models'; several, separated by commas, are "
        + "trained side by side, and '+' joins what one run combines. 'default' is the preset "
        + "that fits the features.",
      valueName: "list"))
  var preset: String = "default"

  @OptionGroup var settingOptions: SettingOptions

  var settings: [String] { settingOptions.settings }

  /// The presets as the pipeline takes them.
  var presets: [String] {
    preset.split(separator: ",").map { $0 == "default" ? "" : String($0) }
  }
}

/// `--set` and its short forms.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "A setting of the model or its training, listed by 'train-dbm models'; repeatable.",
      valueName: "key=value"))
  var sets: [String] = []

  @Option(help: ArgumentHelp("Passes over the training set: --set epochs=n.", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Videos per step, half of them normal: --set batchSize=n.", valueName: "n"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("AdamW's learning rate: --set learningRate=x.", valueName: "x"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "What computes the passes: --set engine=name.", valueName: "video|tape"))
  var engine: String?

  /// All as the pipeline takes them.
  var settings: [String] {
    let short = [
      epochs.map { "epochs=\($0)" }, batchSize.map { "batchSize=\($0)" },
      learningRate.map { "learningRate=\($0)" }, engine.map { "engine=\($0)" },
    ]
    return short.compactMap { $0 } + sets
  }
}
