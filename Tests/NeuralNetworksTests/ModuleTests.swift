import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct ModuleTests {
  private func layer() -> FeedForward<Float> {
    var generator = SeededGenerator(seed: 1)
    return FeedForward(2, generator: &generator)
  }

  @Test("keys are paths, and a missing or ill-shaped tensor changes nothing")
  func loading() {
    let ffn = layer()
    #expect(
      ffn.namedParameters.map(\.name) == [
        "c_fc.weight", "c_fc.bias", "c_proj.weight", "c_proj.bias",
      ])
    let before = ffn.namedParameters.map(\.variable.value)
    var tensors = Dictionary(
      uniqueKeysWithValues: ffn.namedParameters.map {
        ($0.name, Tensor<Float>(shape: $0.variable.shape, repeating: 2))
      })
    tensors["c_proj.bias"] = Tensor(shape: [3])
    #expect(throws: NeuralNetworkError.wrongShape(name: "c_proj.bias", found: [3], expected: [2])) {
      try ffn.load(tensors)
    }
    tensors["c_proj.bias"] = nil
    #expect(throws: NeuralNetworkError.missingTensor(name: "c_proj.bias", expected: [2])) {
      try ffn.load(tensors)
    }
    #expect(ffn.namedParameters.map(\.variable.value) == before)
  }

  @Test("a frozen module's result needs no gradient")
  func freezing() {
    let ffn = layer()
    ffn.freeze()
    #expect(!ffn(Variable(Tensor(shape: [1, 2], repeating: 1))).requiresGradient)
  }

  /// A module that forgot one of its layers.
  private struct Forgetful: Module {
    let first, second: Linear<Float>
    let rest: [Linear<Float>?]
    var parts: [(name: String, module: any Module<Float>)] { [("first", first)] }
  }

  /// A module with a layer that has buffers, and with one that it forgot.
  private struct Normalized: Module {
    let norm, forgotten: BatchNorm<Float>
    var parts: [(name: String, module: any Module<Float>)] { [("norm", norm)] }
  }

  @Test("buffers have keys, are loaded like parameters, and one that no list names is found")
  func buffers() throws {
    let module = Normalized(norm: BatchNorm(2), forgotten: BatchNorm(1))
    #expect(
      module.unlistedParts
        == ["weight", "bias", "runningMean", "runningVariance", "batchesTracked"].map {
          "forgotten." + $0
        })
    var tensors = Dictionary(
      uniqueKeysWithValues: module.namedTensors.map {
        ($0.name, Tensor<Float>(shape: $0.tensor.shape, repeating: 3))
      })
    try module.load(tensors)
    #expect(module.namedBuffers.map(\.buffer.value.scalars) == [[3, 3], [3, 3], [3]])
    tensors["norm.running_var"] = nil
    #expect(throws: NeuralNetworkError.missingTensor(name: "norm.running_var", expected: [2])) {
      try module.load(tensors)
    }
  }

  @Test("a stored layer that no list names is found, in arrays and optionals too")
  func unlisted() {
    var generator = SeededGenerator(seed: 1)
    #expect(layer().unlistedParts.isEmpty)
    let module = Forgetful(
      first: Linear(1, 1, generator: &generator),
      second: Linear(1, 1, bias: false, generator: &generator),
      rest: [nil, Linear(1, 1, generator: &generator)])
    #expect(module.unlistedParts == ["second.weight", "rest.1.weight", "rest.1.bias"])
  }
}
