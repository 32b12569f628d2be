import ArgumentParser
import CommandSupport

struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Fetches, lists and verifies model weights.",
    discussion: """
      Models live in the Hugging Face cache (HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface), \
      in the layout that transformers and open_clip share.

      \(CommandExit.help)
      """,
    subcommands: [ModelsGetCommand.self, ModelsListCommand.self, ModelsVerifyCommand.self],
    defaultSubcommand: ModelsListCommand.self)
}
