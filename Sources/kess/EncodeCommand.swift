import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import Video

struct EncodeCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Embeddings of images and strings, for scripts and for checking.",
    discussion: """
      Rows are in the order given and not normalised (a server may normalise them). A .npy file \
      contains the images' rows, then the texts'; a .safetensors file contains image_embeddings \
      and text_embeddings, with the encoder and the inputs' names in its metadata. A text over \
      the encoder's limit is cut there, with a warning; 'embed' averages its pieces instead.

      \(CommandExit.help)
      """)

  @Argument(help: "JPEG or PNG files.")
  var images: [String] = []

  @Option(help: "A string to embed; may be repeated.")
  var text: [String] = []

  @OptionGroup var clip: CLIPOptions
  @OptionGroup var server: EncoderServerOptions

  @Flag(help: "The result as JSON.")
  var json = false

  /// What `--json` prints.
  private struct Result: Encodable {
    let file: String
    let encoder: String
    let width: Int
    let images: Int
    let texts: Int
    let cutTexts: [TextCut]
  }

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
    let cuts = try TextCut.all(of: text, by: model)
    for cut in cuts { Console.warning(cut.line) }
    let textRows = text.isEmpty ? nil : try model.encodeTexts(text)
    try EmbeddingFile.write(
      images: imageRows.isEmpty ? nil : .concatenated(imageRows), texts: textRows,
      imageNames: images, textNames: text, identity: model.identity,
      to: URL(fileURLWithPath: out))
    if json {
      Console.result(
        try JSONRecord.encode(
          Result(
            file: out, encoder: model.identity.description, width: model.identity.dimension,
            images: images.count, texts: text.count, cutTexts: cuts)))
      return
    }
    Console.result(
      "\(out): \(images.count) images, \(text.count) texts, \(model.identity.dimension)-d, "
        + model.identity.description)
  }
}
