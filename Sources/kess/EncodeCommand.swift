import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import Pipeline
import Tensors
import Video

struct EncodeCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Embeddings of images and strings, for scripts and for checking.",
    discussion: """
      Rows are in the order given and not normalised (a server may normalise them). A .npy file \
      contains the images' rows, then the texts'; a .safetensors file contains image_embeddings \
      and text_embeddings, with the encoder and the inputs' names in its metadata.

      \(CommandExit.help)
      """)

  @Argument(help: "JPEG or PNG files.")
  var images: [String] = []

  @Option(help: "A string to embed; may be repeated.")
  var text: [String] = []

  @OptionGroup var clip: CLIPOptions
  @OptionGroup var server: EncoderServerOptions

  @Option(help: ArgumentHelp("The file to write: .npy or .safetensors.", valueName: "file"))
  var out: String

  func validate() throws {
    guard EmbeddingFile.extensions.contains(URL(fileURLWithPath: out).pathExtension.lowercased())
    else {
      throw ValidationError(
        "--out must end in .\(EmbeddingFile.extensions.joined(separator: " or .")), found '\(out)'")
    }
  }

  func execute() async throws {
    guard !images.isEmpty || !text.isEmpty else {
      throw CommandError.nothingToDo(command: "kess encode", expected: "images or --text")
    }
    let source = try VisualChoice.clip.source(of: "", clip: clip, server: server)
    guard let model = try source.encoder(reporter: .console()) else { return }
    var imageRows: [Tensor<Float>] = []
    for start in stride(from: 0, to: images.count, by: 16) {
      let batch = try images[start..<min(start + 16, images.count)].map {
        try ImageFile.read(path: $0)
      }
      imageRows.append(try model.encodeImages(batch))
    }
    let textRows = text.isEmpty ? nil : try model.encodeTexts(text)
    try EmbeddingFile.write(
      images: imageRows.isEmpty ? nil : .concatenated(imageRows), texts: textRows,
      imageNames: images, textNames: text, identity: model.identity,
      to: URL(fileURLWithPath: out))
    Console.result(
      "\(out): \(images.count) images, \(text.count) texts, \(model.identity.dimension)-d, "
        + model.identity.description)
  }
}
