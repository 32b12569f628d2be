import DescriptionFeatures
import Encoders

/// A text that an encoder reads only in part.
public struct TextCut: Codable, Sendable, Equatable {
  /// The number of the text, from 1.
  public var text: Int
  /// Its tokens before the cut, and those that the encoder reads.
  public var tokens: Int
  public var tokensRead: Int

  /// The texts that are cut, counted as `embed --long truncate` counts them. None for an encoder
  /// that cannot count, as most servers.
  ///
  /// - Throws: the errors of the encoder's tokenizer.
  public static func all(of texts: [String], by encoder: any TextEncoder) throws -> [TextCut] {
    let chunker = TextChunker(encoder: encoder, rule: .truncate)
    return try texts.enumerated().compactMap { number, text in
      let pieces = try chunker.pieces(of: text)
      guard let tokens = pieces.tokensBefore, let read = pieces.tokensRead, read < tokens else {
        return nil
      }
      return TextCut(text: number + 1, tokens: tokens, tokensRead: read)
    }
  }

  /// The cut in words.
  public var line: String {
    "text \(text) is cut: \(tokens) tokens, of which \(tokensRead) are read; shorten it, or use "
      + "embed, which averages the pieces of long texts"
  }
}
