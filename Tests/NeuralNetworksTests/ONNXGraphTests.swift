import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct ONNXGraphTests {
  private struct Small: Module {
    typealias Scalar = Float
    let layer: Linear<Float>
    let norm = LayerNorm<Float>(2)

    init() {
      var generator = SeededGenerator(seed: 1)
      layer = Linear(2, 1, bias: false, generator: &generator)
      layer.weight.assign(Tensor(shape: [1, 2], scalars: [1, -2]))
    }

    var parts: [(name: String, module: any Module<Float>)] {
      [("layer", layer), ("norm", norm)]
    }
  }

  @Test("a whole file, byte by byte")
  func file() {
    let module = Small()
    let graph = ONNXGraph(of: module)
    let x = graph.input("x", shape: [.named("n"), .fixed(2)], documentation: "in")
    graph.output(module.layer.exported(x), named: "y", shape: [.named("n")], documentation: "")
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(content.count)] + content
    }
    func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
    let gemm =
      text(1, "x") + text(1, "layer.weight") + text(2, "layer.Gemm.y") + text(3, "layer.Gemm")
      + text(4, "Gemm") + field(5, text(1, "transB") + [0x18, 1, 0xA0, 0x01, 2])
    let identity = text(1, "layer.Gemm.y") + text(2, "y") + text(3, "y") + text(4, "Identity")
    let weight =
      [0x08, 1, 0x08, 2, 0x10, 1] + text(8, "layer.weight")
      + field(9, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let named = field(1, text(2, "n"))
    let input =
      text(1, "x") + field(2, field(1, [0x08, 1] + field(2, named + field(1, [0x08, 2]))))
      + text(3, "in")
    let output = text(1, "y") + field(2, field(1, [0x08, 1] + field(2, named))) + text(3, "")
    let whole =
      field(1, gemm) + field(1, identity) + text(2, "small") + field(5, weight)
      + field(11, input) + field(12, output)
    // A length beyond 127 takes two bytes.
    let length = [UInt8(whole.count & 0x7F) | 0x80, UInt8(whole.count >> 7)]
    let expected: [UInt8] =
      [0x08, 8] + text(2, "kess") + text(3, "1.2") + text(6, "doc") + [0x3A] + length + whole
      + field(8, text(1, "") + [0x10, 17])
      + field(14, text(1, "a") + text(2, "b"))
    #expect(
      graph.encoded(name: "small", documentation: "doc", metadata: ["a": "b"], producer: "1.2")
        == expected)
  }

  @Test("parameters are noted where they are first read, and stored once")
  func parameters() {
    let module = Small()
    let graph = ONNXGraph(of: module)
    #expect(graph.tensorNames.isEmpty)
    let x = graph.input("x", shape: [.fixed(1), .fixed(2)], documentation: "")
    let first = module.layer.exported(module.norm.exported(x))
    #expect(graph.tensorNames == ["norm.weight", "norm.bias", "layer.weight"])
    let second = module.layer.exported(x)
    #expect(graph.tensorNames.count == 3)
    // Nodes of one layer have names of their own.
    #expect(first.name == "layer.Gemm.y" && second.name == "layer.Gemm.1.y")
  }

  @Test("equal constants are stored once; other kinds are kept apart")
  func constants() {
    let graph = ONNXGraph(of: Small())
    #expect(graph.constant(1).name == graph.constant(1).name)
    #expect(
      Set([graph.constant(1).name, graph.constant([1]).name, graph.constant(-1).name]).count == 3)
    #expect(graph.constant([1, 2]).name != graph.constant([12]).name)
  }

  @Test("only a padded sequence has other rows than the video's, and a limit")
  func sequences() {
    let graph = ONNXGraph(of: Small())
    let x = graph.input("x", shape: [.named("n"), .fixed(2)], documentation: "")
    let plain = ONNXSequence(x)
    #expect(!plain.isPadded && plain.own(x).name == "x" && graph.mostRows == nil)
    let padded = plain.padded(to: 8)
    #expect(!plain.padded(to: nil).isPadded)
    #expect(padded.isPadded && padded.own(x).name != "x" && graph.mostRows == 8)
  }
}
