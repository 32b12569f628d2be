import Encoders
import Records
import Training

extension ProvenanceLabel {
  /// The label of an encoder.
  public init(_ identity: EncoderIdentity) {
    self.init(
      kind: identity.kind, model: identity.model, revision: identity.revision,
      weightsHash: identity.weightsHash, dimension: identity.dimension,
      precision: identity.precision)
  }
}
