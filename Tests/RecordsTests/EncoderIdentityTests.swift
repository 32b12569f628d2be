import Foundation
import Records
import Testing

@Suite("encoder identity")
struct EncoderIdentityTests {
  private func identity(
    kind: String = "clip", model: String = "m", revision: String? = nil, weights: String? = nil,
    dimension: Int = 4, precision: String? = nil, server: String? = nil
  ) -> EncoderIdentity {
    EncoderIdentity(
      kind: kind, model: model, revision: revision, weightsHash: weights, dimension: dimension,
      precision: precision, server: server)
  }

  @Test("weights decide where both are known, else the name and known revisions")
  func sameEncoder() {
    #expect(identity(model: "a", weights: "w").isSameEncoder(as: identity(weights: "w")))
    #expect(!identity(weights: "w").isSameEncoder(as: identity(weights: "v")))
    #expect(identity(weights: "w").isSameEncoder(as: identity()))
    #expect(identity(revision: "1").isSameEncoder(as: identity()))
    #expect(!identity(revision: "1").isSameEncoder(as: identity(revision: "2")))
    #expect(!identity(model: "a").isSameEncoder(as: identity()))
    #expect(!identity(kind: "bert").isSameEncoder(as: identity()))
    #expect(!identity(dimension: 5).isSameEncoder(as: identity()))
  }

  @Test("precision and server are no part of being the same encoder; == compares the precision")
  func precision() {
    let other = identity(precision: "int8", server: "http://a/v1")
    #expect(identity().isSameEncoder(as: other))
    #expect(identity() != other)
    #expect(identity(server: "http://b/v1") == identity(server: "http://a/v1"))
  }

  @Test("the JSON has a key per known value, the server as plain text")
  func json() throws {
    let full = identity(revision: "r", weights: "w", precision: "bf16", server: "http://a/v1")
    let data = try JSONRecord.encode(full, pretty: false)
    #expect(
      String(decoding: data, as: UTF8.self)
        == #"{"dimension":4,"kind":"clip","model":"m","precision":"bf16","revision":"r","#
        + #""server":"http://a/v1","weightsHash":"w"}"#)
    #expect(try JSONDecoder().decode(EncoderIdentity.self, from: data) == full)
  }

  @Test("the description names kind, model, version, width and precision")
  func description() {
    #expect(identity(revision: "0123456789abcdef").description == "clip m@0123456789ab (4-d)")
    #expect(
      identity(weights: "0123456789", precision: "int8").description
        == "clip m#01234567 (4-d, int8)")
  }
}
