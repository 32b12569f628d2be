import Tensors

/// Lists the blocks of a model's program in the order of its paper. Slot 0 is the input, and
/// each function gives the slot of its result.
package struct VideoProgramBuilder {
  private let inputWidth: Int
  private let leaks: Bool
  private var steps: [VideoProgram.Step] = []

  /// - Parameters:
  ///   - inputWidth: of the snippet features.
  ///   - leaks: whether padded rows are computed and seen, as in VadCLIP's code.
  package init(inputWidth: Int, leaks: Bool) {
    self.inputWidth = inputWidth
    self.leaks = leaks
  }

  private func width(_ slot: Int) -> Int {
    slot == 0 ? inputWidth : steps[slot - 1].block.outputWidth
  }

  private mutating func add(_ block: any VideoBlock, _ inputs: [Int]) -> Int {
    steps.append(.init(block: block, inputs: inputs))
    return steps.count
  }

  /// A linear layer over slots side by side.
  package mutating func linear(_ layer: Linear<Float>, _ slots: Int...) -> Int {
    add(DenseBlock(layer, inputWidths: slots.map(width)), slots)
  }

  package mutating func sum(_ a: Int, _ b: Int) -> Int { add(SumBlock(width: width(a)), [a, b]) }

  /// The input in the program's own memory, where class logits find it after the forward pass.
  package mutating func inputCopy() -> Int { add(SumBlock(width: inputWidth), [0]) }

  /// Adds a learned row to each step.
  package mutating func positions(_ table: Variable<Float>, _ slot: Int) -> Int {
    add(PositionBlock(table), [slot])
  }

  package mutating func convolutions(_ layers: ProgressiveConvolutions<Float>, _ slot: Int)
    -> Int
  {
    layers.stages.reduce(slot) { before, stage in
      add(
        ConvolutionBlock(stage.convolution, norm: stage.norm),
        layers.isParallel && before != slot ? [before, slot] : [before])
    }
  }

  package mutating func graphs(_ graphs: TemporalGraphs<Float>, _ slot: Int) -> Int {
    let sums = add(GraphBlock(graphs, width: width(slot)), [slot])
    return add(ActivationBlock(width: width(sums)), [sums])
  }

  package mutating func transformer(_ transformer: WindowedTransformer<Float>, _ slot: Int)
    -> Int
  {
    transformer.layers.reduce(slot) { slot, layer in
      add(
        WindowedTransformerBlock(
          layer, width: width(slot), window: transformer.window, leaks: leaks), [slot])
    }
  }

  /// The program that ends in a classifier a = Linear(X + MLP(X)).
  ///
  /// - Parameters:
  ///   - features: the slot of X.
  ///   - usesRawLogits: whether the video's vector is weighed by a, and not by sigmoid(a).
  ///   - temperature: of class logits; nil for a model without them.
  ///   - library: nil for the faster one on this machine.
  package func program(
    mlp: FeedForward<Float>, output: Linear<Float>, features: Int, topKDivisor: Int,
    usesRawLogits: Bool, temperature: Double? = nil, library: ProductLibrary? = nil
  ) -> VideoProgram {
    precondition(temperature == nil || features > 0, "class logits of the input: copy it first")
    return VideoProgram(
      inputWidth: inputWidth, steps: steps,
      head: ScoreHead(
        mlp: mlp, output: output, topKDivisor: topKDivisor,
        weights: usesRawLogits ? .rawLogits : .scores),
      alignment: temperature.map {
        AlignmentHead(
          width: width(features), temperature: Float($0), topKDivisor: topKDivisor)
      },
      features: features, leaks: leaks, library: library ?? .fastest)
  }

  /// The program that ends in its features X.
  ///
  /// - Parameters:
  ///   - features: the slot of X.
  ///   - library: nil for the faster one on this machine.
  package func program(features: Int, library: ProductLibrary? = nil) -> VideoProgram {
    VideoProgram(
      inputWidth: inputWidth, steps: steps, head: FeatureHead(width: width(features)),
      alignment: nil, features: features, leaks: leaks, library: library ?? .fastest)
  }
}
