import Records

/// An encoder of pictures and strings into one space, in which a picture can be
/// compared with words.
public protocol VisionLanguageEncoder: ImageEncoder, TextEncoder {
  var identity: EncoderIdentity { get }
}

extension CLIPModel: VisionLanguageEncoder {}
